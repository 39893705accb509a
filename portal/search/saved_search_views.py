"""Searches that a person saved, and their last ones. Nobody else's are ever shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from catalog.search.actions import delete_search, forget_searches, save_search
from catalog.search.history import recalled
from catalog.search.query import SearchQuery
from identity.errors import RefusedError
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/search/saved_searches.html", {"recalled": recalled(person_of(request))})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Back to the search; what cannot be saved says why there."""
    said, name = request.POST.get("search", ""), request.POST.get("name", "")
    try:
        kept = save_search(acting_user=person_of(request), name=name, querystring=said, now=clock.now())
    except RefusedError as error:
        messages.error(request, error.message)
        return redirect(f"{reverse('search')}?{SearchQuery.parse(said).to_querystring()}")
    messages.success(request, _("Saved as %(name)s.") % {"name": kept.name})
    return redirect(f"{reverse('search')}?{kept.querystring}")


@require_POST
@hides_what_is_not_yours
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    name = delete_search(acting_user=person_of(request), search_id=pk, now=clock.now())
    messages.success(request, _("%(name)s was deleted.") % {"name": name})
    return redirect("saved-searches")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    forget_searches(acting_user=person_of(request), now=clock.now())
    messages.success(request, _("Your recent searches are cleared."))
    return redirect("saved-searches")
