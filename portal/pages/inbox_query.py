"""The query string of the inbox, which also leads from one review to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.urls import reverse

from catalog.mirror.models import Classification
from identity.people.models import Person
from portal.pages.row_ids import parse_id
from requests_app.access_requests.item_targets import list_inbox_filters
from requests_app.access_requests.models import RequestItem
from requests_app.review.inbox.queries import (
    WAITING_DAYS,
    InboxOrder,
    InboxQuery,
    InboxScope,
    ItemKey,
    find_neighbor_items,
    find_next_item,
)

MAX_PARAMETER_LENGTH = 80
Choice = TypeVar("Choice", bound=TextChoices)


def parse_inbox_query(said: Mapping[str, str]) -> InboxQuery:
    """Invalid parameters are ignored."""
    kinds, classes = list_inbox_filters(), dict(Classification.choices)
    days = said.get("days", "")
    return InboxQuery(
        scope=_parse_choice(InboxScope, said.get("whose"), InboxScope.MINE),
        domain=said.get("domain", "")[:MAX_PARAMETER_LENGTH],
        product=said.get("product", "")[:MAX_PARAMETER_LENGTH],
        classification=said["classification"] if said.get("classification") in classes else "",
        team=said.get("team", "")[:MAX_PARAMETER_LENGTH],
        kind=said["kind"] if said.get("kind") in kinds else "",
        min_waiting_days=int(days) if days in {str(age) for age in WAITING_DAYS} else None,
        what=said.get("what", "")[:MAX_PARAMETER_LENGTH],
        assigned="me" if said.get("assigned") == "me" else "",
        order=_parse_choice(InboxOrder, said.get("order"), InboxOrder.DUE),
        after=_parse_cursor(said.get("after", "")),
    )


def build_query_url(sought: InboxQuery) -> str:
    """Query string without default values."""
    values = {
        "whose": sought.scope if sought.scope != InboxScope.MINE else "",
        "domain": sought.domain,
        "product": sought.product,
        "classification": sought.classification,
        "team": sought.team,
        "kind": sought.kind,
        "days": sought.min_waiting_days,
        "what": sought.what,
        "assigned": sought.assigned,
        "order": sought.order if sought.order != InboxOrder.DUE else "",
        "after": "{}-{}".format(*sought.after) if sought.after else "",
    }
    return "?" + urlencode({name: str(value) for name, value in values.items() if value})


def build_review_url(item_id: int, query: InboxQuery) -> str:
    """The review of an item, which keeps the filters and order of the inbox it was opened from."""
    return reverse("review", args=[item_id]) + build_list_query(query)


def build_list_query(query: InboxQuery) -> str:
    """Query string of the first page; empty for the whole inbox in its default order."""
    text = build_query_url(replace(query, after=None))
    return "" if text == "?" else text


def _parse_choice(choices: type[Choice], said: str | None, usual: Choice) -> Choice:
    return next((choice for choice in choices if choice.value == said), usual)


def _parse_cursor(said: str) -> tuple[int, int] | None:
    left, _dash, right = said.partition("-")
    risk, pk = parse_id(left), parse_id(right)
    return (risk, pk) if risk is not None and pk is not None else None


REVIEWED_PARAMETER = "reviewed"
"""Query parameter of a request's page: the item that the reader has just approved."""


@dataclass(frozen=True)
class ReviewLinks:
    """URLs; empty at an end of the inbox. `list_query` is the query string that they keep."""

    previous_url: str
    next_url: str
    list_query: str

    @property
    def inbox_url(self) -> str:
        return reverse("reviews") + self.list_query


@dataclass(frozen=True)
class NextReview:
    """Where to go after a decision: the item that follows, or the inbox if nothing else waits."""

    url: str
    is_inbox: bool = False


def build_review_links(person: Person, item: RequestItem, query: InboxQuery, now: datetime) -> ReviewLinks:
    neighbor_items = find_neighbor_items(person, query, item.pk, now)
    previous, following = (
        build_review_url(pk, query) if pk is not None else ""
        for pk in (neighbor_items.previous, neighbor_items.next)
    )
    return ReviewLinks(previous, following, build_list_query(query))


def build_next_review(person: Person, item_key: ItemKey, query: InboxQuery, now: datetime) -> NextReview:
    next_item = find_next_item(person, query, item_key, now)
    if next_item is None:
        return NextReview(reverse("reviews") + build_list_query(query), is_inbox=True)
    return NextReview(build_review_url(next_item, query))


def build_progress_url(item: RequestItem, query: InboxQuery) -> str:
    """The page that shows an approved item being applied, with the way to the next item."""
    kept = build_list_query(query).removeprefix("?")
    said = urlencode({REVIEWED_PARAMETER: item.pk}) + (f"&{kept}" if kept else "")
    return f"{reverse('access-request', args=[item.request_id])}?{said}"
