"""The inbox: items waiting for a decision."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from identity.role_changes.may import is_governor
from portal.inbox.other_decisions import list_other_decisions
from portal.inbox.presenters import (
    InboxHeader,
    InboxList,
    build_inbox_rows,
    build_next_url,
)
from portal.pages.inbox_query import parse_inbox_query
from portal.pages.partials import render_page_or_fragment
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.leavers.queries import list_leaver_grants
from requests_app.leavers.vacancies import list_vacancies
from requests_app.review.bulk.queries import list_open_bulk_decisions
from requests_app.review.delegation.queries import list_received_delegations
from requests_app.review.inbox.counts import get_inbox_counts, get_inbox_page


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Htmx receives the list only."""
    person, sought = get_signed_in_person(request), parse_inbox_query(request.GET.dict())
    found = get_inbox_page(person, sought)
    context = {
        "header": InboxHeader(sought, get_inbox_counts(person, sought)),
        "inbox_list": InboxList(
            sought, build_inbox_rows(found.items, person, sought.scope), build_next_url(sought, found)
        ),
        "other_decisions": list_other_decisions(person),
        "vacancies": list_vacancies() if is_governor(person) else [],
        "received_delegations": list_received_delegations(person),
        "open_bulk_decisions": list_open_bulk_decisions(person),
        "inactive_requester_grants": list_leaver_grants(person),
    }
    return render_page_or_fragment(request, "portal/inbox/list.html", "waiting", context)
