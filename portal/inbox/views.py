"""The inbox: what waits for a decision, by risk or by age, found by filters that stand in the address."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from portal.inbox.presenters import Head, Listed, next_url, rows_of, sought_of
from portal.pages.partials import page_or_fragment
from portal.pages.signed_in import person_of
from requests_app.leavers.queries import list_left_grants
from requests_app.review.bulk.queries import list_open_bulk_decisions
from requests_app.review.delegation.queries import list_received_delegations
from requests_app.review.inbox.counts import get_inbox_counts, get_inbox_page


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The page; to htmx the list alone."""
    person, sought = person_of(request), sought_of(request.GET.dict())
    found = get_inbox_page(person, sought)
    context = {
        "head": Head(sought, get_inbox_counts(person, sought)),
        "listed": Listed(sought, rows_of(found.items, person, sought.whose), next_url(sought, found)),
        "decides_for": list_received_delegations(person),
        "undoable": list_open_bulk_decisions(person),
        "left_behind": list_left_grants(person),
    }
    return page_or_fragment(request, "portal/inbox/list.html", "waiting", context)
