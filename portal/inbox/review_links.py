"""Links from a review to the other items of the inbox."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from identity.people.models import Person
from portal.pages.inbox_query import build_list_query, build_review_url
from requests_app.access_requests.models import RequestItem
from requests_app.review.inbox.queries import InboxQuery, find_neighbor_items, find_next_item

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
    found = find_neighbor_items(person, query, (item.risk, item.pk), now)
    previous, following = (
        build_review_url(pk, query) if pk is not None else "" for pk in (found.previous, found.next)
    )
    return ReviewLinks(previous, following, build_list_query(query))


def build_next_review(person: Person, item: RequestItem, query: InboxQuery, now: datetime) -> NextReview:
    found = find_next_item(person, query, (item.risk, item.pk), now)
    if found is None:
        return NextReview(reverse("reviews") + build_list_query(query), is_inbox=True)
    return NextReview(build_review_url(found, query))


def build_progress_url(item: RequestItem, query: InboxQuery) -> str:
    """The page that shows an approved item being applied, with the way to the next item."""
    kept = build_list_query(query).removeprefix("?")
    said = urlencode({REVIEWED_PARAMETER: item.pk}) + (f"&{kept}" if kept else "")
    return f"{reverse('access-request', args=[item.request_id])}?{said}"
