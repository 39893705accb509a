"""The inbox: what waits, for whom, found by filters and told in an order that goes on where a page ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Func, IntegerField, Q, QuerySet, TextChoices
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from identity.people.may import teams_of
from identity.people.models import Person
from requests_app.access_requests.may import build_owner_filter, list_visible_items
from requests_app.access_requests.models import Item, format_item_name
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.review.queries import decidable_by
from requests_app.review.risk import Facts, facts_in

A_PAGE = 25
AGES = (1, 3, 7, 30)
"""Days for which something has waited, to choose from."""
Keys = tuple[tuple[int, int], ...]
"""(risk, id) of items, in the order of a page."""


class Whose(TextChoices):
    """`mine` wait for this person's decision; `teams` for anyone of their teams; `all` are all that they may see."""

    MINE = "mine", _("Mine")
    TEAMS = "teams", _("My teams'")
    ALL = "all", _("All I may see")


class Kind(TextChoices):
    """What is asked of a table."""

    COLUMNS = "columns", _("some columns")
    ROWS = "rows", _("some rows")
    WHOLE = "whole", _("the whole table")
    METADATA = "metadata", _("metadata only")


class Order(TextChoices):
    RISK = "risk", _("Risk")
    OLDEST = "oldest", _("Longest waiting")
    NEWEST = "newest", _("Newest")


OF_KIND = {
    Kind.COLUMNS: Q(whole_table=False, metadata_only=False, row_rule=""),
    Kind.ROWS: ~Q(row_rule=""),
    Kind.WHOLE: Q(whole_table=True),
    Kind.METADATA: Q(metadata_only=True),
}
LONGEST = 200
"""Characters of a purpose, of which a list shows the first."""
PURPOSE = Left("request__purpose", LONGEST)
HOW_MANY = Func("columns", function="cardinality", output_field=IntegerField())
SHOWN = (
    "pk", "state", "tags", "table__name", "table__database__name", "table__database__domain", "product__name",
    "product__domain", "request__team__name", "requester__name", "requester__is_active", "purpose", "request__submitted_at", "ends_at",
    "how_many", "whole_table", "whole_database", "metadata_only", "agreed_hash", "waits_for", "risk_facts",
    "requester__is_active", "request__taken_over_by__name", "request__taken_over_by__is_active",
)  # fmt: skip
KEYS = {Order.RISK: ("-risk", "pk"), Order.OLDEST: ("pk",), Order.NEWEST: ("-pk",)}


@dataclass(frozen=True)
class Sought:
    """What of the inbox to show. Empty and None do not filter; `days`, one of AGES, is how long it has waited at
    least.

    `after` is the (risk, id) of the last item of the page before.
    """

    whose: Whose = Whose.MINE
    domain: str = ""
    product: str = ""
    classification: str = ""
    team: str = ""
    kind: str = ""
    days: int | None = None
    order: Order = Order.RISK
    after: tuple[int, int] | None = None


@dataclass(frozen=True)
class Ask:
    """What a list shows of an item: plain values, no rows of the database. `columns` counts them, `name` is the
    table's, or what else it asks for in words, `purpose` has its first LONGEST characters; `is_answered`: a domain
    answers for it; `has_left`: whoever answers for the request, `asker`, is deactivated; `weighed` is None for what was
    asked for before there were weights.
    """

    pk: int
    state: str
    name: str
    product: str
    team: str
    asker: str
    purpose: str
    submitted_at: datetime
    ends_at: datetime
    columns: int
    whole_table: bool
    metadata_only: bool
    by_tags: bool
    is_answered: bool
    is_agreed: bool
    has_left: bool
    waits_for: tuple[str, ...]
    weighed: Facts | None


@dataclass(frozen=True)
class Waiting:
    """One page; `following` leads to the next one."""

    items: tuple[Ask, ...]
    following: tuple[int, int] | None


def waiting(person: Person, whose: Whose) -> QuerySet[Item]:
    """What waits: with a decider, or back with its asker."""
    if whose == Whose.MINE:
        return decidable_by(person)
    open_ = Item.objects.filter(state__in=OPEN_ITEM_STATES)
    if whose == Whose.TEAMS:
        return open_.filter(build_owner_filter(teams_of(person)))
    return open_.filter(pk__in=list_visible_items(person).values("pk"))


def keys_of(person: Person, sought: Sought, now: datetime, size: int = A_PAGE) -> Keys:
    """Of the items of a page, and of the one that the next begins with. One query, besides those for the person."""
    found = waiting(person, sought.whose).filter(matching(sought, now), _beyond(sought))
    return tuple(found.order_by(*KEYS[sought.order]).values_list("risk", "pk")[: size + 1])


def page_at(keys: Keys, size: int = A_PAGE) -> Waiting:
    """These items, with all that a list shows of them; without those that wait no longer. One query.

    By their keys: together with what is shown there are more tables than PostgreSQL orders quickly.
    """
    asked = Item.objects.filter(pk__in=[pk for _risk, pk in keys[:size]], state__in=OPEN_ITEM_STATES)
    rows = {row["pk"]: row for row in asked.annotate(how_many=HOW_MANY, purpose=PURPOSE).values(*SHOWN)}
    asks = tuple(_ask(rows[pk]) for _risk, pk in keys[:size] if pk in rows)
    return Waiting(asks, keys[size - 1] if len(keys) > size else None)


def _ask(row: dict[str, Any]) -> Ask:
    database, table, tags = row["table__database__name"], row["table__name"], row["tags"]
    taken_over = row["request__taken_over_by__name"]
    active = row["request__taken_over_by__is_active" if taken_over else "requester__is_active"]
    return Ask(
        pk=row["pk"],
        state=row["state"],
        name=format_item_name(database, table, tags=tags, whole_database=row["whole_database"]),
        product=row["product__name"] or "",
        team=row["request__team__name"],
        asker=taken_over or row["requester__name"],
        purpose=row["purpose"],
        submitted_at=row["request__submitted_at"],
        ends_at=row["ends_at"],
        columns=row["how_many"],
        whole_table=row["whole_table"],
        metadata_only=row["metadata_only"],
        by_tags=bool(tags),
        is_answered=bool(row["table__database__domain"] or row["product__domain"]),
        is_agreed=bool(row["agreed_hash"]),
        has_left=not active,
        waits_for=tuple(row["waits_for"]),
        weighed=facts_in(row["risk_facts"]),
    )


def matching(sought: Sought, now: datetime) -> Q:
    """The filters as one condition on items."""
    wanted = Q()
    if sought.domain:
        of_database = Q(table__database__domain__slug=sought.domain)
        of_product = Q(table__database__domain__isnull=True, product__domain__slug=sought.domain)
        wanted &= of_database | of_product
    if sought.product:
        wanted &= Q(product__slug=sought.product)
    if sought.classification:
        wanted &= Q(risk_facts__classification=sought.classification)
    if sought.team:
        wanted &= Q(request__team__slug=sought.team)
    if sought.kind:
        wanted &= OF_KIND[Kind(sought.kind)]
    if sought.days is not None:
        wanted &= Q(request__submitted_at__lte=now - timedelta(days=sought.days))
    return wanted


def _beyond(sought: Sought) -> Q:
    if sought.after is None:
        return Q()
    risk, pk = sought.after
    if sought.order == Order.RISK:
        return Q(risk__lt=risk) | Q(risk=risk, pk__gt=pk)
    return Q(pk__gt=pk) if sought.order == Order.OLDEST else Q(pk__lt=pk)
