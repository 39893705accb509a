"""Who has access: mine, a product's, and taking it back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from catalog.browse.products import product_for
from identity.errors import ForbiddenError, NotFoundError, RefusedError
from portal.access.forms import RevokeForm
from portal.access.presenters import grants_shown, list_told, with_words
from portal.access.query_examples import uses_of
from portal.pages.list_scope import ALL, MINE, whose_in
from portal.pages.pagination import pager_of
from portal.pages.partials import polled
from portal.pages.post_fields import address_in
from portal.pages.reading_notes import reading_note, reading_notes
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.grants.actions import revoke_grant
from requests_app.grants.end_dates import has_ended
from requests_app.grants.expiry_warnings import filter_ending_soon
from requests_app.grants.may import may_view_holders
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths, list_unmanaged_holdings
from requests_app.grants.queries import (
    filter_current_grants,
    filter_removed_grants,
    get_grant,
    list_own_grants,
    list_product_grants,
    list_visible_grants,
    order_by_attention,
)
from requests_app.grants.subgrants.queries import list_administered_accounts
from requests_app.state_transitions import IllegalTransitionError

A_PAGE = 50


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The page; to htmx its list alone, or nothing when nothing has changed since `seen`."""
    person, now = person_of(request), clock.now()
    whose = whose_in(request.GET, person)
    grants = list_visible_grants(person) if whose.is_all else list_own_grants(person)
    soon = filter_ending_soon(grants, now)
    context = {
        "whose": whose,
        "administered": list_administered_accounts(person),
        "soon": request.GET.get("show") == "soon",
        "ending": soon.count(),
        **_list(request, soon if request.GET.get("show") == "soon" else grants, now),
    }
    return _listed(request, "portal/access/mine.html", context)


@require_GET
@hides_what_is_not_yours
def of_product(request: HttpRequest, slug: str) -> HttpResponse:
    """The grants on a product that the person may see; to htmx the list alone, or nothing when nothing has changed."""
    person, now = person_of(request), clock.now()
    product = product_for(person, slug)
    outside = list_unmanaged_holdings(product, now) if may_view_holders(person, product) else []
    listed = _list(request, list_product_grants(person, product), now)
    listed["rows"] = with_words(listed["rows"])
    may_end = any(row.may_revoke for row in listed["rows"])
    notes = reading_notes(product, now) if may_view_holders(person, product) else []
    context = {"product": product, "outside": outside, "notes": notes, "may_end": may_end, **listed}
    return _listed(request, "portal/access/product.html", context)


def _listed(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    rows = context["rows"]
    shown = list_told(rows), context.get("outside")
    is_moving = any(row.is_moving or row.progress.shown.is_moving for row in rows)
    return polled(request, template, "list", context, shown=shown, is_moving=is_moving)


@require_GET
@hides_what_is_not_yours
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """How to query what a live grant of one's own teams gives; 404 for any other, and for
    what is of no single table or role: an account as a whole, LF-Tags, a database.
    """
    person, now = person_of(request), clock.now()
    grant = get_grant(person, pk)
    theirs = list_own_grants(person).filter(pk=pk).exists()
    if not theirs or has_ended(grant, now) or grant.principal.is_account or grant.item.reaches_many:
        raise NotFoundError
    context = {"row": grants_shown([grant], person, now)[0], "uses": uses_of(grant)}
    return render(request, "portal/access/query_examples.html", context)


def _list(request: HttpRequest, grants: QuerySet[Grant], now: datetime) -> dict[str, Any]:
    """Grants in force or being removed, or with `show=ended` the others; which page is in the address, too."""
    show = request.GET.get("show")
    ended = show == "ended"
    found = filter_removed_grants(grants) if ended else order_by_attention(filter_current_grants(grants, now))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return {
        "rows": grants_shown(page, person_of(request), now),
        "pager": pager_of(page, _address(request)),
        "ended": ended,
        "show": show if show in {"ended", "soon"} else "",
    }


def _address(request: HttpRequest) -> str:
    """Which list it is, for the links to its other pages."""
    known = {"show": {"ended", "soon"}, "whose": {MINE, ALL}}
    said = {name: request.GET.get(name) for name in known}
    return urlencode({name: value for name, value in said.items() if value in known[name]})


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that asks for the reason, and the deed. What cannot be done says why in place."""
    person = person_of(request)
    grant = get_grant(person, pk)
    form = RevokeForm(request.POST or None)
    if form.is_bound and form.is_valid() and _revoked(request, form, grant):
        return redirect(_next(request, grant))
    now = clock.now()
    context = {
        "row": grants_shown([grant], person, now)[0],
        "is_mine": grant.item.request.asker.pk == person.pk,
        "others": list_other_paths(grant, now),
        "reading_note": reading_note(grant.item.table.database.catalog, now),
        "form": form,
        "next": _next(request, grant),
    }
    return render(request, "portal/access/revoke.html", context, status=422 if form.is_bound else 200)


def _revoked(request: HttpRequest, form: RevokeForm, grant: Grant) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        revoke_grant(acting_user=person_of(request), grant_id=grant.pk, reason=reason, now=clock.now())
    except RefusedError as error:
        form.add_error("reason" if error.field == "reason" else None, error.message)
    except IllegalTransitionError:
        form.add_error(None, _("This access has already ended. Nothing was changed."))
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(
            request,
            _("Access revoked. The workers remove the permission from AWS now and verify that it is gone."),
        )
        return True
    return False


def _next(request: HttpRequest, grant: Grant) -> str:
    """Back to where the link was; never to another site."""
    return address_in(request) or reverse("access-request", args=[grant.item.request_id])
