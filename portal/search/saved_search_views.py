"""A person's saved searches and last searches. Nobody else sees them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from catalog.search.actions import clear_recent_searches, delete_search, save_search
from catalog.search.history import search_history
from catalog.search.query import SearchQuery
from identity.errors import RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.signed_in_person import get_signed_in_person


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "portal/search/saved_searches.html",
        {"history": search_history(get_signed_in_person(request))},
    )


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Redirects to the search, also with an error message."""
    querystring, name = request.POST.get("search", ""), request.POST.get("name", "")
    person = get_signed_in_person(request)
    try:
        saved = save_search(acting_user=person, name=name, querystring=querystring, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('search')}?{SearchQuery.parse(querystring).to_querystring()}")
    messages.success(request, _("Saved as %(name)s.") % {"name": saved.name})
    return redirect(f"{reverse('search')}?{saved.querystring}")


@require_POST
@return_404_if_hidden
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    name = delete_search(acting_user=get_signed_in_person(request), search_id=pk, now=clock.now())
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("saved-searches")


@require_POST
def clear_recent(request: HttpRequest) -> HttpResponse:
    clear_recent_searches(acting_user=get_signed_in_person(request), now=clock.now())
    messages.success(request, _("Your recent searches are cleared."))
    return redirect("saved-searches")
