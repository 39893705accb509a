"""The inbox: which items wait, and for whom, with filters, order and pages."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from identity.people.may import get_team_ids
from identity.people.models import Person
from requests_app.access_requests.item_targets import get_target_kind, list_inbox_filters, list_kind_fields
from requests_app.access_requests.may import HAS_ACTIVE_REQUESTER, build_owner_filter, list_visible_items
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES, ItemState
from requests_app.review.assignment.queries import list_item_assignments
from requests_app.review.queries import list_decidable_items
from requests_app.review.risk import RiskFacts, parse_risk_facts
from requests_app.review.sla.queries import build_deadline, build_promised_hours, compute_deadline

PAGE_SIZE = 25
WAITING_DAYS = (1, 3, 7, 30)
"""Days for which something has waited, to choose from."""
ItemKey = tuple[int, int]
"""Where an item is in an order: its rank, and its id. The lowest is first."""
ItemKeys = tuple[ItemKey, ...]
"""In the order of a page."""


class InboxScope(TextChoices):
    """`mine` wait for this person's decision; `teams` for anyone of their teams; `all` are all that they may see."""

    MINE = "mine", _("Mine")
    TEAMS = "teams", _("My teams'")
    ALL = "all", _("Everything I can see")


class InboxOrder(TextChoices):
    """`due`: what is overdue first, longest of all; what has no due time last."""

    DUE = "due", _("Due first")
    RISK = "risk", _("Risk")
    OLDEST = "oldest", _("Longest waiting")
    NEWEST = "newest", _("Newest")


MAX_PURPOSE_LENGTH = 200
"""Characters of a purpose, of which a list shows the first."""
PURPOSE_START = Left("request__purpose", MAX_PURPOSE_LENGTH)
COLUMN_COUNT = Func("columns", function="cardinality", output_field=IntegerField())
LIST_FIELDS = (
    "pk", "request", "state", "table__name", "table__database__name", "table__database__domain", "product__name",
    "product__domain", "request__team__name", "requester", "requester__name", "requester__is_active", "purpose", "request__submitted_at", "ends_at",
    "how_many", "assignee", "assignee_name", "agreed_hash", "waits_for", "risk_facts",
    "request__taken_over_by", "request__taken_over_by__name", "request__taken_over_by__is_active",
    "state_changed_at", "table__database__domain__decide_within_hours", "product__domain__decide_within_hours",
)  # fmt: skip
ACCESS = "access"
"""In place of the name of a kind: access requests."""
NEVER_DUE = 2**53
"""Rank of what has no due time: beyond all microseconds since 1970."""


@dataclass(frozen=True)
class InboxQuery:
    """What of the inbox to show. Empty and None do not filter; `min_waiting_days`, one of AGES, is how long
    it has waited at least.

    `kind` is a word of `list_inbox_filters`; `what` is "access" or the name of another kind
    of what waits, `assigned` is "me" or empty; `after` is the key of the last item of the page before.
    """

    scope: InboxScope = InboxScope.MINE
    domain: str = ""
    product: str = ""
    classification: str = ""
    team: str = ""
    kind: str = ""
    min_waiting_days: int | None = None
    what: str = ""
    assigned: str = ""
    order: InboxOrder = InboxOrder.DUE
    after: ItemKey | None = None

    @property
    def seeks_items(self) -> bool:
        return self.what in {"", ACCESS}


@dataclass(frozen=True)
class InboxItem:
    """What a list shows of an item: plain values, no rows of the database. `name` is the
    table's, or what else it requests in words, `purpose` has its first MAX_PURPOSE_LENGTH characters;
    `extent` is in words, or empty where columns are counted; `has_owner`: a domain answers for it; `has_requester_left`: whoever answers for the request is
    deactivated; `due_at` is None where no time is promised, or nobody can decide; `risk_facts` is None for what was requested before risk was scored.
    """

    pk: int
    request_id: int
    state: str
    name: str
    product: str
    team: str
    requester: str
    requester_id: int
    purpose: str
    submitted_at: datetime
    ends_at: datetime
    column_count: int
    extent: str
    has_owner: bool
    is_partly_approved: bool
    has_requester_left: bool
    next_roles: tuple[str, ...]
    due_at: datetime | None
    risk_facts: RiskFacts | None
    assignee_id: int | None = None
    assignee: str = ""


@dataclass(frozen=True)
class InboxPage:
    """One page; `next_after` leads to the next one."""

    items: tuple[InboxItem, ...]
    next_after: ItemKey | None


def list_waiting_items(person: Person, scope: InboxScope) -> QuerySet[RequestItem]:
    """What waits: with a decider, or back with its requester."""
    if scope == InboxScope.MINE:
        return list_decidable_items(person)
    open_ = RequestItem.objects.filter(state__in=OPEN_ITEM_STATES)
    if scope == InboxScope.TEAMS:
        return open_.filter(build_owner_filter(get_team_ids(person)))
    return open_.filter(pk__in=list_visible_items(person).values("pk"))


def list_page_keys(person: Person, query: InboxQuery, now: datetime, size: int = PAGE_SIZE) -> ItemKeys:
    """Lists the items of a page, and the one that the next begins with. One query, besides those for the person."""
    found = _list_in_order(person, query, now).filter(build_after_filter(query))
    return tuple(found.values_list("rank", "pk")[: size + 1])


def read_inbox_page(keys: ItemKeys, size: int = PAGE_SIZE) -> InboxPage:
    """These items, with all that a list shows of them; without those that wait no longer. One query.

    By their keys: together with what is shown there are more tables than PostgreSQL orders quickly.
    """
    asked = RequestItem.objects.filter(pk__in=[pk for _rank, pk in keys[:size]], state__in=OPEN_ITEM_STATES)
    assigned = list_item_assignments()
    rows = {
        row["pk"]: row
        for row in asked.annotate(
            how_many=COLUMN_COUNT,
            purpose=PURPOSE_START,
            assignee=Subquery(assigned.values("person")),
            assignee_name=Subquery(assigned.values("person__name")),
        ).values(*LIST_FIELDS, *list_kind_fields())
    }
    asks = tuple(_build_item(rows[pk]) for _rank, pk in keys[:size] if pk in rows)
    return InboxPage(asks, keys[size - 1] if len(keys) > size else None)


def _build_item(row: dict[str, Any]) -> InboxItem:
    taken_over = row["request__taken_over_by__name"]
    active = row["request__taken_over_by__is_active" if taken_over else "requester__is_active"]
    item = RequestItem(**{name: row[name] for name in list_kind_fields()})
    kind = get_target_kind(item)
    return InboxItem(
        pk=row["pk"],
        request_id=row["request"],
        state=row["state"],
        name=kind.format_name(row["table__database__name"], row["table__name"], item),
        product=row["product__name"] or "",
        team=row["request__team__name"],
        requester=taken_over or row["requester__name"],
        requester_id=row["request__taken_over_by"] or row["requester"],
        purpose=row["purpose"],
        submitted_at=row["request__submitted_at"],
        ends_at=row["ends_at"],
        column_count=row["how_many"],
        extent=str(kind.texts.waiting),
        has_owner=bool(row["table__database__domain"] or row["product__domain"]),
        is_partly_approved=bool(row["agreed_hash"]),
        has_requester_left=not active,
        next_roles=tuple(row["waits_for"]),
        due_at=_get_due_time(row) if active else None,
        risk_facts=parse_risk_facts(row["risk_facts"]),
        assignee_id=row["assignee"],
        assignee=row["assignee_name"] or "",
    )


def _get_due_time(row: dict[str, Any]) -> datetime | None:
    """As `get_decision_deadline`."""
    of_database, of_product = row["table__database__domain"], row["product__domain"]
    domain = "table__database__domain" if of_database else "product__domain" if of_product else ""
    return compute_deadline(
        row["state"], row["state_changed_at"], row[f"{domain}__decide_within_hours"] if domain else None
    )


def build_inbox_filter(query: InboxQuery, now: datetime) -> Q:
    """The filters as one condition on items."""
    wanted = Q() if query.seeks_items else Q(pk__in=())
    if query.domain:
        of_database = Q(table__database__domain__slug=query.domain)
        of_product = Q(table__database__domain__isnull=True, product__domain__slug=query.domain)
        wanted &= of_database | of_product
    if query.product:
        wanted &= Q(product__slug=query.product)
    if query.classification:
        wanted &= Q(risk_facts__classification=query.classification)
    if query.team:
        wanted &= Q(request__team__slug=query.team)
    if query.kind:
        wanted &= list_inbox_filters()[query.kind].condition
    if query.min_waiting_days is not None:
        wanted &= Q(request__submitted_at__lte=now - timedelta(days=query.min_waiting_days))
    return wanted


def build_rank(order: InboxOrder) -> Any:
    """What items of an inbox are ordered by, before their ids: the lowest rank is first. None is below zero."""
    if order == InboxOrder.RISK:
        return ExpressionWrapper(Value(NEVER_DUE) - F("risk"), output_field=BigIntegerField())
    if order == InboxOrder.OLDEST:
        return Value(0)
    if order == InboxOrder.NEWEST:
        return ExpressionWrapper(Value(NEVER_DUE) - F("pk"), output_field=BigIntegerField())
    microseconds = Func(
        build_deadline(),
        template="(extract(epoch FROM %(expressions)s) * 1000000)::bigint",
        output_field=BigIntegerField(),
    )
    return Case(
        When(Q(HAS_ACTIVE_REQUESTER, state=ItemState.SUBMITTED, promised_hours__gt=0), then=microseconds),
        default=Value(NEVER_DUE),
        output_field=BigIntegerField(),
    )


def build_after_filter(query: InboxQuery) -> Q:
    """Items that follow `query.after` in its order."""
    if query.after is None:
        return Q()
    rank, pk = query.after
    return Q(rank__gt=rank) | Q(rank=rank, pk__gt=pk)


@dataclass(frozen=True)
class NeighborItems:
    """Ids; None at an end of the inbox."""

    previous: int | None
    next: int | None


def find_item_key(item_id: int, order: InboxOrder) -> ItemKey:
    """Where an item is in this order, also one that waits no longer. One query."""
    found = _rank(RequestItem.objects.filter(pk=item_id), order).values_list("rank", "pk").first()
    return found or (NEVER_DUE, item_id)


def find_neighbor_items(person: Person, query: InboxQuery, item_id: int, now: datetime) -> NeighborItems:
    """Of an item that may be decided already. One query, besides those for the person."""
    rank = Subquery(_rank(RequestItem.objects.filter(pk=item_id), query.order).values("rank"))
    waiting = _list_in_order(person, query, now)
    before = waiting.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=item_id)).reverse()
    after = waiting.filter(Q(rank__gt=rank) | Q(rank=rank, pk__gt=item_id))
    found = before.values_list("pk", Value("previous"))[:1].union(
        after.values_list("pk", Value("next"))[:1], all=True
    )
    places = {place: pk for pk, place in found}
    return NeighborItems(places.get("previous"), places.get("next"))


def find_next_item(person: Person, query: InboxQuery, item_key: ItemKey, now: datetime) -> int | None:
    """The item after this one; after the last, the first one that still waits. None in an empty inbox."""
    others = _list_in_order(person, query, now).exclude(pk=item_key[1]).values_list("pk", flat=True)
    following = others.filter(build_after_filter(replace(query, after=item_key))).first()
    return following or others.first()


def _list_in_order(person: Person, query: InboxQuery, now: datetime) -> QuerySet[Any]:
    """Each with its `rank`."""
    waiting = list_waiting_items(person, query.scope).filter(build_inbox_filter(query, now))
    if query.assigned:
        waiting = waiting.filter(Exists(list_item_assignments().filter(person=person)))
    return _rank(waiting, query.order).order_by("rank", "pk")


def _rank(items: QuerySet[RequestItem], order: InboxOrder) -> QuerySet[Any]:
    return items.annotate(promised_hours=build_promised_hours()).annotate(rank=build_rank(order))
