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
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of


@require_GET
def saved_searches(request: HttpRequest) -> HttpResponse:
    return render(
        request, "portal/search/saved_searches.html", {"history": search_history(person_of(request))}
    )


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Redirects to the search, also with an error message."""
    querystring, name = request.POST.get("search", ""), request.POST.get("name", "")
    person = person_of(request)
    try:
        saved = save_search(acting_user=person, name=name, querystring=querystring, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('search')}?{SearchQuery.parse(querystring).to_querystring()}")
    messages.success(request, _("Saved as %(name)s.") % {"name": saved.name})
    return redirect(f"{reverse('search')}?{saved.querystring}")


@require_POST
@hides_what_is_not_yours
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    name = delete_search(acting_user=person_of(request), search_id=pk, now=clock.now())
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("saved-searches")


@require_POST
def clear_recent(request: HttpRequest) -> HttpResponse:
    clear_recent_searches(acting_user=person_of(request), now=clock.now())
    messages.success(request, _("Your recent searches are cleared."))
    return redirect("saved-searches")
