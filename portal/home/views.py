"""The home page: what waits for the person, their access, what ends soon and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.browse.products import list_newest_products
from catalog.products.models import DataProduct
from catalog.search.saved_searches import SearchHistory, search_history
from identity.people.may import get_platform_roles, get_team_ids
from identity.people.models import Person
from kernel.queries import limit_rows
from portal.access.presenters import GrantRow, build_grant_rows
from portal.admin_site.attention import list_attention
from portal.inbox.other_decisions import OtherDecisions, count_decisions, list_other_decisions
from portal.inbox.presenters import InboxRow, build_inbox_rows
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.presenters import RequestRow, build_request_rows
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import list_own_requests
from requests_app.access_requests.states import ItemState
from requests_app.grants.expiry_warnings import filter_next_ending
from requests_app.grants.models import Grant
from requests_app.grants.queries import IS_REMOVED, list_own_grants, order_by_attention
from requests_app.notifications.models import Notification
from requests_app.notifications.queries import list_latest_notifications
from requests_app.review.inbox.counts import count_waiting, get_inbox_page
from requests_app.review.inbox.queries import InboxQuery, InboxScope

MAX_ROWS = 5
MAX_NEW_PRODUCTS = 3
REQUEST_ITEMS = RequestItem.objects.filter(request=OuterRef("pk"))


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    reviews, access = _build_review_section(person), _build_access_section(person, now)
    governs = bool(get_platform_roles(person))
    teams = get_team_ids(person)
    requested = RequestItem.objects.filter(request__team__in=teams, product__isnull=False)
    theirs = Q(domain__owner_team__in=teams) | Q(domain__in=requested.values("product__domain"))
    products = list_newest_products(person, theirs, MAX_NEW_PRODUCTS)
    updates = UpdateSection(
        notifications=list(list_latest_notifications(person)[:MAX_ROWS]),
        products=products or list_newest_products(person, Q(), MAX_NEW_PRODUCTS),
        has_domains=bool(products),
        history=search_history(person),
    )
    context = {
        "reviews": reviews,
        "access": access,
        "updates": updates,
        "attention": list_attention(request) if governs else (),
        "is_first_visit": access.is_empty and not reviews.count and not governs,
    }
    return render(request, "portal/home/home.html", context)


@dataclass(frozen=True)
class ReviewSection:
    """What waits for the person's decision. `rows` are the first items of the inbox, `count` is of everything, `others` link to
    what the inbox does not list.
    """

    rows: Sequence[InboxRow]
    count: int
    others: Sequence[OtherDecisions] = ()

    @property
    def has_more(self) -> bool:
        """Whether the inbox lists more items than `rows`."""
        return self.count - sum(other.count for other in self.others) > len(self.rows)


@dataclass(frozen=True)
class AccessSection:
    """The person's access: `ending` ends soon, `returned` requests wait for a change by the person, `waiting` for others."""

    grants: Sequence[GrantRow]
    ending: Sequence[Grant]
    returned: Sequence[RequestRow]
    waiting: Sequence[RequestRow]

    @property
    def is_empty(self) -> bool:
        return not (self.grants or self.returned or self.waiting)


@dataclass(frozen=True)
class UpdateSection:
    """`notifications` are the latest; `products` the newest of the domains that the person's
    teams own or requested data of; of all, unless `has_domains`.
    """

    notifications: Sequence[Notification]
    products: Sequence[DataProduct]
    has_domains: bool
    history: SearchHistory


def _build_review_section(person: Person) -> ReviewSection:
    count, others = count_decisions(person), list_other_decisions(person)
    if not count_waiting(person):
        return ReviewSection((), count, others)
    items = get_inbox_page(person, InboxQuery()).items[:MAX_ROWS]
    return ReviewSection(build_inbox_rows(items, person, InboxScope.MINE), count, others)


def _build_access_section(person: Person, now: datetime) -> AccessSection:
    own = list_own_grants(person)
    grants = list(limit_rows(order_by_attention(own.filter(~IS_REMOVED)), MAX_ROWS))
    requests = list_own_requests(person)
    returned, waiting = (
        limit_rows(requests.filter(Exists(REQUEST_ITEMS.filter(state=state))), MAX_ROWS)
        for state in (ItemState.RETURNED, ItemState.SUBMITTED)
    )
    return AccessSection(
        grants=build_grant_rows(grants, person, now),
        ending=list(limit_rows(filter_next_ending(own, now), MAX_ROWS)),
        returned=build_request_rows(returned, now),
        waiting=build_request_rows(waiting, now),
    )
