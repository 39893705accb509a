"""Grants that a person may see, current and removed ones, and a locked grant."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Case, F, Q, QuerySet, When
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import Offer
from fulfilment.intents.failures import REFUSED
from fulfilment.intents.models import Intent
from identity.accounts import Principal
from identity.people.may import get_team_ids
from identity.people.models import Person
from kernel.errors import NotFoundError
from kernel.queries import get_first_row
from lakeformation.planning.changes import LINK_NAME_TAKEN
from requests_app.access_requests.item_targets import (
    TARGET_KINDS,
    build_filter,
    find_by_place,
    list_data_conditions,
)
from requests_app.access_requests.locks import get_locked_item_rows
from requests_app.access_requests.may import build_requester_filter, list_visible_items, may_view_item
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import ITEM_RELATED_FIELDS
from requests_app.grants.end_dates import EARLIER_ENDS
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant, build_single_table_filter
from requests_app.grants.states import GrantState
from requests_app.targets.recipients import list_requestable_principals

GRANT_OWN_FIELDS = ("principal__account__team", "intent__evidence", "ended_by")
"""Of a grant, without its item's."""
HELD_GRANT_FIELDS = (
    "principal__account",
    "intent__evidence",
    "item__product",
    "item__table__database__catalog__account",
)
"""Of a grant, what a product's page shows of it: PostgreSQL plans the joins of all related fields in some 10 ms."""
GRANT_RELATED_FIELDS = (*GRANT_OWN_FIELDS, *(f"item__{path}" for path in ITEM_RELATED_FIELDS))


def get_grant(person: Person, pk: int) -> Grant:
    """The grant with its item, intent and evidence. NotFoundError."""
    grant = get_first_row(_select_grant_rows(Grant.objects.filter(pk=pk)))
    if grant is None or not may_view_item(person, grant.item):
        raise NotFoundError
    return grant


def list_grants_by_id(person: Person, ids: Collection[int]) -> QuerySet[Grant]:
    """Lists the grants that the person may see, by rising id. One query."""
    return list_visible_grants(person).filter(pk__in=ids).order_by("pk")


def list_own_grants(person: Person) -> QuerySet[Grant]:
    """Access of the person and of their teams' accounts, newest first."""
    mine = RequestItem.objects.filter(build_requester_filter(person, get_team_ids(person)))
    return _select_grant_rows(Grant.objects.filter(item__in=mine))


def list_visible_grants(person: Person) -> QuerySet[Grant]:
    """Every grant that the person may see, newest first."""
    return _select_grant_rows(Grant.objects.filter(item__in=list_visible_items(person)))


def list_table_grants(person: Person, table: Table) -> QuerySet[Grant]:
    """Who has, or had, access to the table, as far as the person may see it."""
    return list_visible_grants(person).filter(Q(table=table) | build_reach_filter(table))


MAX_OTHER_GRANTS = 6


def list_other_grants(person: Person, item: RequestItem) -> QuerySet[Grant]:
    """Others' live access to the table of an item, as far as the person may see it; the first of it."""
    held = list_table_grants(person, item.table).filter(state=GrantState.LIVE)
    return held.exclude(item__request__principal=item.request.principal_id)[:MAX_OTHER_GRANTS]


def list_product_grants(
    person: Person, product: DataProduct, tables: Iterable[Table] | None = None
) -> QuerySet[Grant]:
    """Who has, or had, access to the product's tables, as far as the person may see it. Without `tables` they are read."""
    wanted = Q(item__product=product) | Q(table__in=product.product_tables.values("table"))
    for table in product.tables.select_related("database") if tables is None else tables:
        wanted |= build_reach_filter(table)
    return list_visible_grants(person).filter(wanted)


def order_by_attention(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Puts grants that need a person, failed or are not known before the others, each newest first."""
    seen = Intent.Presence
    open_ = Q(intent__presence__in=[seen.STALE, seen.HOLD, seen.UNKNOWN])
    open_ |= Q(intent__failure__startswith=REFUSED) | Q(intent__failure__startswith=LINK_NAME_TAKEN)
    open_ |= Q(intent__usable=False)
    return grants.order_by(Case(When(open_, then=0), default=1), "-pk")


def build_reach_filter(table: Table) -> Q:
    """Grants of many tables that include the table, or included it when they were approved."""
    return reduce(or_, filter(None, (kind.build_reach_filter(table) for kind in TARGET_KINDS)))


def list_held_grants(person: Person, tables: Collection[Table]) -> QuerySet[Grant]:
    """Live grants of the roles and users of the person's teams that reach any of these tables, latest first. Also those of
    the metadata alone, and those whose end is about to be applied.
    """
    held = _list_grants_on(list_requestable_principals(person), tables)
    return held.annotate(**EARLIER_ENDS).select_related(*HELD_GRANT_FIELDS).order_by("-pk")


def find_own_grants(held: Sequence[Grant], tables: Collection[Table]) -> dict[int, Grant]:
    """By table, the latest of the grants of `list_held_grants`: one of the table itself, else one of its whole database."""
    named = {grant.table_id: grant for grant in reversed(held) if grant.item.target.is_single_table}
    whole = {grant.item.target.place: grant for grant in reversed(held) if grant.item.target.place}
    found = {table.pk: named.get(table.pk) or find_by_place(whole, table) for table in tables}
    return {pk: grant for pk, grant in found.items() if grant}


def select_queryable_grants(held: Iterable[Grant], now: datetime) -> list[Grant]:
    """Selects the grants of `list_held_grants` by which rows are read just now."""
    return [grant for grant in held if grant.ends_at > now and grant.item.target.shows_data]


def find_column_holders(person: Person, table: Table, now: datetime) -> dict[str, tuple[str, ...]]:
    """By column, the names of the roles of the person's teams that can read it by a live grant; of those that can read some rows
    alone, the name says so. One query, and that of `column_facts`.
    """
    grants = (
        list_queryable_grants(person, [table], now).select_related(None).select_related("item", "principal")
    )
    holders: dict[str, dict[str, bool]] = {}
    for grant in grants:
        for name in grant.item.columns or [column.name for column in table.column_facts]:
            roles, role = holders.setdefault(name, {}), grant.principal.name
            roles[role] = roles.get(role, False) or not grant.item.row_filter
    return {
        name: tuple(
            role if reads_all else _("%(role)s (some rows)") % {"role": role}
            for role, reads_all in roles.items()
        )
        for name, roles in holders.items()
    }


def list_queryable_grants(person: Person, tables: Collection[Table], now: datetime) -> QuerySet[Grant]:
    """Live grants by which a role or user of the person's teams reads any of these tables, latest first."""
    return list_reading_grants(list_requestable_principals(person), tables, now)


def list_reading_grants(
    principals: QuerySet[Principal], tables: Collection[Table], now: datetime
) -> QuerySet[Grant]:
    """Live grants by which one of these roles or users reads any of these tables, latest first."""
    held = _list_grants_on(principals, tables)
    return _select_grant_rows(held.filter(build_filter(list_data_conditions(), "item__"), ends_at__gt=now))


def _list_grants_on(principals: QuerySet[Principal], tables: Collection[Table]) -> QuerySet[Grant]:
    wanted = build_single_table_filter() & Q(table__in=tables)
    for table in tables:
        wanted |= build_reach_filter(table)
    by_account = Q(principal__arn=F("principal__unique_id"))
    theirs = Q(principal__in=principals) & ~by_account
    return Grant.objects.filter(EFFECTIVE_GRANTS & theirs & wanted)


def _select_grant_rows(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    rows = grants.annotate(**EARLIER_ENDS)
    return rows.select_related(*GRANT_RELATED_FIELDS).order_by("-pk")


def get_locked_grant(person: Person | None, grant_id: int) -> Grant:
    """The grant with its rows, request, item and grant locked. `person` is None for the engine. NotFoundError."""
    item_id = Grant.objects.filter(pk=grant_id).values_list("item_id", flat=True).first()
    if item_id is None:
        raise NotFoundError
    item = get_locked_item_rows(item_id)
    grant = Grant.objects.select_for_update().get(pk=grant_id)
    grant.item, grant.table = item, item.table
    if grant.principal_id == item.request.principal_id:
        grant.principal = item.request.principal
    if person is not None and not may_view_item(person, item):
        raise NotFoundError
    return grant


def list_offer_grants(offer: Offer) -> QuerySet[Grant]:
    """Live ones, under whichever version."""
    return Grant.objects.filter(item__offer__offer=offer, state=GrantState.LIVE)


REMOVED_VISIBLE_FOR = timedelta(minutes=15)
"""For so long a grant whose removal was proven stays in the list in which its end was ordered."""
ENDED_VISIBLE_FOR = timedelta(hours=1)
"""What ended longer ago goes to the list of what has ended as soon as its removal is proven."""
IS_REMOVED = ~Q(state=GrantState.LIVE) & Q(
    intent__presence=Intent.Presence.ABSENT, intent__proven_generation=F("intent__generation")
)
PRESENCES_ON_HOLD = frozenset({Intent.Presence.HOLD, Intent.Presence.STALE})


def filter_current_grants(grants: QuerySet[Grant], now: datetime) -> QuerySet[Grant]:
    """Live ones, ended ones whose removal is not proven yet, and those that were removed just now."""
    just_now = Q(intent__seen_at__gt=now - REMOVED_VISIBLE_FOR, ended_at__gt=now - ENDED_VISIBLE_FOR)
    return grants.filter(~IS_REMOVED | just_now)


def filter_removed_grants(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Selects grants that ended, and whose absence from AWS is proven."""
    return grants.filter(IS_REMOVED)


def get_removal_time(grant: Grant) -> datetime | None:
    """When the absence of one that ended was proven."""
    intent = grant.intent
    is_absent = intent.presence == Intent.Presence.ABSENT and intent.is_proven
    return intent.seen_at if is_absent and grant.state != GrantState.LIVE else None


def is_in_progress(grant: Grant, *, has_ended: bool) -> bool:
    """Whether the workers still have something to apply, remove or read back, without waiting for a person."""
    intent = grant.intent
    wanted = Intent.Presence.ABSENT if has_ended else Intent.Presence.PRESENT
    is_there = intent.presence == wanted and intent.is_proven
    return not is_there and intent.presence not in PRESENCES_ON_HOLD
