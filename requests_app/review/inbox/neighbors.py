"""The items before and after an item in a person's inbox."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet, Value

from identity.people.models import Person
from requests_app.access_requests.models import RequestItem
from requests_app.review.inbox.queries import (
    ORDERINGS,
    InboxQuery,
    build_after_filter,
    build_before_filter,
    build_inbox_filter,
    list_waiting_items,
)


@dataclass(frozen=True)
class NeighborItems:
    """Ids; None at an end of the inbox."""

    previous: int | None
    next: int | None


def find_neighbor_items(
    person: Person, query: InboxQuery, item_key: tuple[int, int], now: datetime
) -> NeighborItems:
    """`item_key` is the (risk, id) of an item, which may be decided already. One query, besides those for the person."""
    sought = replace(query, after=item_key)
    waiting = _list_in_order(person, query, now)
    before, after = waiting.filter(build_before_filter(sought)), waiting.filter(build_after_filter(sought))
    found = (
        before.reverse()
        .values_list("pk", Value("previous"))[:1]
        .union(after.values_list("pk", Value("next"))[:1], all=True)
    )
    places = {place: pk for pk, place in found}
    return NeighborItems(places.get("previous"), places.get("next"))


def find_next_item(person: Person, query: InboxQuery, item_key: tuple[int, int], now: datetime) -> int | None:
    """The item after this one; after the last, the first one that still waits. None in an empty inbox."""
    others = _list_in_order(person, query, now).exclude(pk=item_key[1])
    following = others.filter(build_after_filter(replace(query, after=item_key))).first()
    return following or others.first()


def _list_in_order(person: Person, query: InboxQuery, now: datetime) -> QuerySet[RequestItem, int]:
    """Ids."""
    waiting = list_waiting_items(person, query.scope).filter(build_inbox_filter(query, now))
    return waiting.order_by(*ORDERINGS[query.order]).values_list("pk", flat=True)
