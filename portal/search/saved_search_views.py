"""A person's saved searches and last searches. Nobody else sees them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.search.actions import change_search, clear_recent_searches, delete_search, save_search
from catalog.search.alerts.matches import MAX_MATCHES
from catalog.search.alerts.queries import (
    get_saved_search,
    list_found_hits,
    list_saved_searches,
    mark_hits_opened,
)
from catalog.search.history import search_history
from catalog.search.models import SavedSearch
from catalog.search.query import SearchQuery
from kernel.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.search.saved_search_presenters import build_saved_rows, parse_alert


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    context = {
        "history": search_history(person),
        "saved": build_saved_rows(list_saved_searches(person)),
    }
    return render(request, "portal/search/saved_searches.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """What its alerts found, and its settings. Opening it resets the count of new results."""
    person, error = get_signed_in_person(request), ""
    if request.method == "POST":
        try:
            changed = change_search(
                acting_user=person,
                search_id=pk,
                name=request.POST.get("name", ""),
                alert=parse_alert(request.POST.get("alert", "")),
                now=get_request_time(request),
            )
        except RefusedError as refusal:
            error = refusal.message
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": changed.name})
            return redirect("saved-search", pk)
    saved = get_saved_search(person, pk)
    context = {
        "row": build_saved_rows([saved])[0],
        "found": list_found_hits(saved),
        "alerts": SavedSearch.Alert.choices,
        "max_matches": MAX_MATCHES,
        "error": error,
    }
    response = render(request, "portal/search/saved_search.html", context, status=422 if error else 200)
    mark_hits_opened(saved)
    return response


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Redirects to the search, also with an error message."""
    querystring, name = request.POST.get("search", ""), request.POST.get("name", "")
    person = get_signed_in_person(request)
    try:
        saved = save_search(
            acting_user=person,
            name=name,
            querystring=querystring,
            alert=parse_alert(request.POST.get("alert", "")),
            now=get_request_time(request),
        )
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('search')}?{SearchQuery.parse(querystring).to_querystring()}")
    messages.success(request, _("Saved as %(name)s.") % {"name": saved.name})
    return redirect(f"{reverse('search')}?{saved.querystring}")


@require_POST
@return_404_if_hidden
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    name = delete_search(
        acting_user=get_signed_in_person(request), search_id=pk, now=get_request_time(request)
    )
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("saved-searches")


@require_POST
def clear_recent(request: HttpRequest) -> HttpResponse:
    clear_recent_searches(acting_user=get_signed_in_person(request), now=get_request_time(request))
    messages.success(request, _("Your recent searches are cleared."))
    return redirect("saved-searches")
