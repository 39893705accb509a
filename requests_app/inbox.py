"""The inbox: what waits, for whom, found by filters and told in an order that goes on where a page ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from identity.may import teams_of
from identity.models import Person
from requests_app.loaders import decidable_by, item_rows
from requests_app.may import items_seen_by, owned_by
from requests_app.models import Item
from requests_app.states import ItemState

OPEN = (ItemState.SUBMITTED, ItemState.RETURNED)
A_PAGE = 25


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
KEYS = {Order.RISK: ("-risk", "pk"), Order.OLDEST: ("pk",), Order.NEWEST: ("-pk",)}


@dataclass(frozen=True)
class Sought:
    """What of the inbox to show. Empty and None do not filter; `days` is how long it has waited at least.

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
class Waiting:
    """One page: `total` counts all that match, `following` leads to the next page."""

    items: list[Item]
    total: int
    following: tuple[int, int] | None


def waiting(person: Person, whose: Whose) -> QuerySet[Item]:
    """What waits: with a decider, or back with its asker."""
    if whose == Whose.MINE:
        return decidable_by(person)
    open_ = Item.objects.filter(state__in=OPEN)
    if whose == Whose.TEAMS:
        return open_.filter(owned_by(teams_of(person)))
    return open_.filter(pk__in=items_seen_by(person).values("pk"))


def page_of(person: Person, sought: Sought, now: datetime, size: int = A_PAGE) -> Waiting:
    """The items that are sought, with all that a list shows of them. A fixed number of queries."""
    found = waiting(person, sought.whose).filter(matching(sought, now)).order_by()
    keys = found.filter(_beyond(sought)).order_by(*KEYS[sought.order]).values_list("risk", "pk")
    # Sorted by their keys alone: a list shows a score of tables, too wide to sort thousands of rows of them.
    first = list(keys[: size + 1])
    rows = item_rows(Item.objects.filter(pk__in=[pk for _risk, pk in first[:size]])).in_bulk()
    items = [rows[pk] for _risk, pk in first[:size] if pk in rows]
    return Waiting(items, found.count(), first[size - 1] if len(first) > size else None)


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
