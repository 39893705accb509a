"""What a person follows: data products, domains, and saved searches, which are followed by their alert."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.browse.products import get_domain, get_product
from catalog.follows import (
    Follow,
    find_domain_follow,
    find_product_follow,
    follow_domain,
    follow_product,
    list_follows,
    unfollow,
)
from catalog.search.alerts import get_saved_search, list_saved_searches
from catalog.search.models import SavedSearch
from catalog.search.saved_searches import change_search
from identity.people.models import Person
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.post_fields import get_action, get_next_url
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE = 50
FOLLOW, UNFOLLOW = "follow", "unfollow"


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    page = Paginator(list_follows(person), PAGE_SIZE).get_page(request.GET.get("page"))
    searches = list_saved_searches(person).exclude(alert=SavedSearch.Alert.NONE)
    context = {"follows": page, "searches": searches, "pager": build_pager(page)}
    return render(request, "portal/follows/list.html", context)


@require_POST
@return_404_if_hidden
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """POST with `do` follow or unfollow, and back to where it was sent from."""
    person = get_signed_in_person(request)
    found = get_product(person, slug)
    if _wants_to_follow(request):
        follow_product(acting_user=person, slug=slug, now=get_request_time(request))
        messages.success(request, _("You follow %(name)s.") % {"name": found.name})
    else:
        _unfollow(request, person, find_product_follow(person, found), found.name)
    return redirect(get_next_url(request) or reverse("data-product", args=[slug]))


@require_POST
@return_404_if_hidden
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    """As `product`."""
    person = get_signed_in_person(request)
    found = get_domain(slug)
    if _wants_to_follow(request):
        follow_domain(acting_user=person, slug=slug, now=get_request_time(request))
        messages.success(request, _("You follow %(name)s.") % {"name": found.name})
    else:
        _unfollow(request, person, find_domain_follow(person, found), found.name)
    return redirect(get_next_url(request) or reverse("domain", args=[slug]))


@require_POST
@return_404_if_hidden
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """As `product`: turns its alert on or off. An alert that is on keeps how often it comes."""
    person = get_signed_in_person(request)
    found = get_saved_search(person, pk)
    alert = SavedSearch.Alert.NONE
    if _wants_to_follow(request):
        is_off = found.alert == SavedSearch.Alert.NONE
        alert = SavedSearch.Alert.AT_ONCE if is_off else SavedSearch.Alert(found.alert)
    change_search(acting_user=person, search_id=pk, alert=alert, now=get_request_time(request))
    said = (
        _("You follow %(name)s.") if alert != SavedSearch.Alert.NONE else _("You no longer follow %(name)s.")
    )
    messages.success(request, said % {"name": found.name})
    return redirect(get_next_url(request) or reverse("saved-search", args=[pk]))


def _wants_to_follow(request: HttpRequest) -> bool:
    return get_action(request, FOLLOW, UNFOLLOW) != UNFOLLOW


def _unfollow(request: HttpRequest, person: Person, follow: Follow | None, name: str) -> None:
    """What is not followed stays so."""
    if follow is not None:
        unfollow(acting_user=person, follow_id=follow.pk, now=get_request_time(request))
    messages.success(request, _("You no longer follow %(name)s.") % {"name": name})
