"""What a person may see of requests and grants. Objects reach views only from here: absent and forbidden alike."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from django.db.models import Case, Exists, F, Prefetch, Q, QuerySet, When

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from fulfilment.intents.failures import REFUSED
from fulfilment.intents.models import Intent
from identity.accounts.models import Principal
from identity.errors import NotFoundError
from identity.people.may import memberships_of, platform_roles_of, teams_of
from identity.people.models import Membership, Person
from requests_app.delegation.holding import words_of
from requests_app.may import ACROSS, asked_by, barred_since_asking, items_seen_by, owned_by, yes_of
from requests_app.models import GIVES, GRANT_OF_ONE_TABLE, AccessRequest, Decision, Grant, Item
from requests_app.policy.rules import Role
from requests_app.states import ItemState

Row = TypeVar("Row", AccessRequest, Item, Grant)

ITEM_ROWS = (
    "requester",
    "request__requester",
    "request__taken_over_by",
    "request__team",
    "request__principal__account__team",
    "request__group",
    "product__domain__owner_team",
    "table__database__catalog__account",
    "table__database__domain__owner_team",
    "offer",
)
OWN_ROWS = ("principal__account__team", "intent__evidence", "ended_by")
"""Of a grant, without its item's."""
GRANT_ROWS = (*OWN_ROWS, *(f"item__{path}" for path in ITEM_ROWS))


TALK = ("remarks__author", "changes__made_by")
"""Of an item: what was said on it, and what was changed."""


def request_for(person: Person, pk: int) -> AccessRequest:
    """The request with those of its items that the person may see. NotFoundError."""
    seen = Q(requester=person) | Q(pk__in=items_seen_by(person).values("request"))
    rows = _with_items(AccessRequest.objects.filter(seen), person)
    return _found(rows.prefetch_related(*(f"items__{path}" for path in TALK)), pk)


def item_for_review(person: Person, pk: int) -> Item:
    """The item with all that its review and progress show. NotFoundError."""
    return _found(item_rows(items_seen_by(person)).prefetch_related("table__columns", *TALK), pk)


def beside(person: Person, item: Item) -> QuerySet[Item]:
    """The other items of the same request that the person may see."""
    others = items_seen_by(person).filter(request=item.request_id).exclude(pk=item.pk)
    return others.select_related("table__database", "product").order_by("pk")


def grant_for(person: Person, pk: int) -> Grant:
    """The grant with its item, intent and evidence. NotFoundError."""
    return _found(grants_seen_by(person), pk)


def grants_by_id(person: Person, ids: Collection[int]) -> QuerySet[Grant]:
    """Those of them that the person may see, by rising id. One query."""
    return grants_seen_by(person).filter(pk__in=ids).order_by("pk")


def requests_of(person: Person) -> QuerySet[AccessRequest]:
    """What the person asked for or took over, newest first."""
    mine = Q(requester=person) | Q(taken_over_by=person)
    return _with_items(AccessRequest.objects.filter(mine), person).order_by("-pk")


def requests_seen_by(person: Person) -> QuerySet[AccessRequest]:
    """Every request of which the person may see an item, newest first."""
    seen = Q(requester=person) | Q(pk__in=items_seen_by(person).values("request"))
    return _with_items(AccessRequest.objects.filter(seen), person).order_by("-pk")


def inbox_of(person: Person) -> QuerySet[Item]:
    """Items that wait for this person's decision, longest waiting first; those of deactivated requesters among them."""
    return item_rows(decidable_by(person)).order_by("pk")


def decidable_by(person: Person) -> QuerySet[Item]:
    """The same, without what a list shows of them, in no order."""
    held = memberships_of(person)
    theirs = Q(pk__in=())
    for team, owner in words_of(person):
        # What its owner could not decide, nobody decides for them.
        beyond = ~(asked_by(owner, teams_of(owner)) | barred_since_asking(owner)) if owner else Q()
        theirs |= owned_by(frozenset({team})) & _turn_of(Role.OWNER) & beyond
    for role in platform_roles_of(person) & ACROSS:
        theirs |= _turn_of(Role(role))
    theirs &= ~asked_by(person, frozenset(team for team, _role in held)) & ~barred_since_asking(person)
    if leading := [team for team, role in held if role == Membership.Role.LEAD]:
        theirs |= Q(request__team__in=leading) & _turn_of(Role.LEAD)
    agreed = Item.objects.filter(Exists(yes_of(person)), ~Q(agreed_hash=""), ~Q(waits_for=[]))
    theirs_to_use = Principal.objects.filter(owner=person)
    waiting = Item.objects.filter(state=ItemState.SUBMITTED).exclude(requester=person)
    waiting = waiting.exclude(request__taken_over_ids__contains=[person.pk])
    waiting = waiting.exclude(request__principal__in=theirs_to_use)
    return waiting.filter(theirs).exclude(pk__in=agreed.filter(state=ItemState.SUBMITTED).values("pk"))


def _turn_of(role: Role) -> Q:
    """Where everybody has agreed and only the rules changed, anyone whose yes was needed brings it to its end."""
    return Q(waits_for__contains=[role.value]) | Q(waits_for=[], needed_from__contains=[role.value])


def grants_of(person: Person) -> QuerySet[Grant]:
    """Access of the person and of their teams' accounts, newest first."""
    mine = Item.objects.filter(asked_by(person, teams_of(person)))
    return _grant_rows(Grant.objects.filter(item__in=mine))


def grants_seen_by(person: Person) -> QuerySet[Grant]:
    """Every grant that the person may see, newest first."""
    return _grant_rows(Grant.objects.filter(item__in=items_seen_by(person)))


def grants_on_table(person: Person, table: Table) -> QuerySet[Grant]:
    """Who has, or had, access to the table, as far as the person may see it."""
    return grants_seen_by(person).filter(Q(table=table) | reached_with(table))


def grants_on_product(person: Person, product: DataProduct) -> QuerySet[Grant]:
    """Who has, or had, access to the product's tables, as far as the person may see it."""
    tables = product.product_tables.values("table")
    wanted = Q(item__product=product) | Q(table__in=tables)
    for table in product.tables.select_related("database"):
        wanted |= reached_with(table)
    return grants_seen_by(person).filter(wanted)


def attention_first(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Those that need a person, failed or are not known before the others, each newest first."""
    seen = Intent.Presence
    open_ = Q(intent__presence__in=[seen.STALE, seen.HOLD, seen.UNKNOWN])
    open_ |= Q(intent__failure__startswith=REFUSED) | Q(intent__usable=False)
    return grants.order_by(Case(When(open_, then=0), default=1), "-pk")


def reached_with(table: Table) -> Q:
    """Grants by LF-Tags that reached the table when they were agreed to; and of its database as a whole."""
    member = [[table.database.name, table.name]]
    catalog = table.database.catalog_id
    by_tags = Q(table__database__catalog=catalog, intent__wanted__by_tags__tables__contains=member)
    return by_tags | Q(table__database=table.database_id, item__whole_database=True)


def own_grants_on(person: Person, tables: Collection[Table]) -> dict[int, Grant]:
    """By table, the latest live grant by which a role of the person's teams has it: its own, else one of its whole
    database. One query.
    """
    whole = Q(item__whole_database=True, table__database__in={table.database_id for table in tables})
    live = Grant.objects.filter(GIVES, GRANT_OF_ONE_TABLE & Q(table__in=tables) | whole)
    theirs = live.filter(principal__in=principals_for(person)).exclude(
        principal__arn=F("principal__unique_id")
    )
    rows = list(theirs.select_related("item__table__database", "table", "principal").order_by("pk"))
    named = {one.table_id: one for one in rows if not one.item.whole_database}
    whole_of = {one.table.database_id: one for one in rows if one.item.whole_database}
    found = {table.pk: named.get(table.pk) or whole_of.get(table.database_id) for table in tables}
    return {pk: grant for pk, grant in found.items() if grant}


def grants_to_query(person: Person, tables: Collection[Table], now: datetime) -> QuerySet[Grant]:
    """Live grants by which a role or user of the person's teams reads any of these tables, latest first."""
    wanted = GRANT_OF_ONE_TABLE & Q(table__in=tables)
    for table in tables:
        wanted |= reached_with(table)
    theirs = Q(principal__in=principals_for(person), ends_at__gt=now, item__metadata_only=False)
    by_account = Q(principal__arn=F("principal__unique_id"))
    return _grant_rows(Grant.objects.filter(GIVES & theirs & wanted & ~by_account))


def principals_for(person: Person) -> QuerySet[Principal]:
    """Roles and users for which the person may ask: living, in the consuming accounts of their teams, and not the portal's.

    After the roles of an account that the person administers stands the account as a whole.
    """
    administered = Membership.objects.filter(person=person, role=Membership.Role.ACCOUNT_ADMIN)
    return (
        Principal.objects.filter(
            gone_at__isnull=True,
            is_portal=False,
            account__is_consumer=True,
            account__team__in=teams_of(person),
        )
        .exclude(~Q(account__team__in=administered.values("team")), arn=F("unique_id"))
        .select_related("account__team")
        .order_by("account__name", Case(When(arn=F("unique_id"), then=1), default=0), "name")
    )


def _grant_rows(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    return grants.select_related(*GRANT_ROWS).order_by("-pk")


def item_rows(items: QuerySet[Item]) -> QuerySet[Item]:
    """With all that a list of items shows of them. Two queries."""
    decisions = Prefetch(
        "decisions", Decision.objects.select_related("decided_by", "on_behalf_of").order_by("pk")
    )
    rows = items.select_related(*ITEM_ROWS, "grant__intent__evidence", "grant__ended_by")
    return rows.prefetch_related(decisions)


def _with_items(requests: QuerySet[AccessRequest], person: Person) -> QuerySet[AccessRequest]:
    items = item_rows(Item.objects.filter(Q(requester=person) | Q(pk__in=items_seen_by(person).values("pk"))))
    rows = requests.select_related("requester", "taken_over_by", "team", "principal__account__team", "group")
    return rows.prefetch_related(Prefetch("items", items.order_by("pk")))


def _found(rows: QuerySet[Row], pk: int) -> Row:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    return row
