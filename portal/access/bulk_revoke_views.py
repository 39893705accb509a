"""Revoke several grants on a product, and follow their removal."""

from collections.abc import Sequence
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from catalog.browse.products import get_product
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from portal.access.presenters import build_grant_rows
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import get_poll_interval, render_page_or_fragment
from portal.pages.places import place_product_page
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.display_states.vocabulary import State
from requests_app.grants.actions import MAX_REVOKED, revoke_grants
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_product_grants
from requests_app.grants.states import GrantState


class RevokeForm(forms.Form):
    max_text_length = MAX_TEXT_LENGTH

    reason = forms.CharField(
        error_messages={"required": gettext_lazy("Give a reason. The people who lose access read it.")},
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def bulk_revoke(request: HttpRequest, slug: str) -> HttpResponse:
    """GET counts what would end: the `grant`s of the address, or `all`; POST ends exactly those that were shown."""
    person = get_signed_in_person(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    form = RevokeForm(request.POST or None)
    if form.is_bound and form.is_valid() and (at := _revoke(request, form)):
        return redirect(
            f"{reverse('data-product-access-revoked', args=[slug])}?{urlencode({'at': at.isoformat()})}"
        )
    live = list_product_grants(person, product).filter(state=GrantState.LIVE)
    said = request.POST or request.GET
    if "all" not in said:
        listed = said["grants"].split(",") if "grants" in said else said.getlist("grant")
        live = live.filter(pk__in=parse_ids(listed))
    rows = [row for row in build_grant_rows(live, person, get_request_time(request)) if row.may_revoke]
    context = {
        "product": product,
        "rows": rows[:MAX_REVOKED],
        "omitted_count": len(rows) - MAX_REVOKED if len(rows) > MAX_REVOKED else 0,
        "role_count": len({row.grant.principal_id for row in rows[:MAX_REVOKED]}),
        "people_count": len({row.grant.item.requester_id for row in rows[:MAX_REVOKED]}),
        "grant_ids": ",".join(str(row.grant.pk) for row in rows[:MAX_REVOKED]),
        "form": form,
    }
    return render(request, "portal/access/bulk_revoke.html", context, status=422 if form.is_bound else 200)


@require_GET
@return_404_if_hidden
def bulk_revoked(request: HttpRequest, slug: str) -> HttpResponse:
    """Grants revoked at the time `at`, with their proof. htmx receives the list only."""
    person = get_signed_in_person(request)
    product = get_product(person, slug)
    place_product_page(request, person, product)
    at = _parse_time(request.GET.get("at", ""))
    grants = list_product_grants(person, product).filter(ended_at=at, state=GrantState.REVOKED)
    rows = build_grant_rows(grants, person, get_request_time(request))
    if not rows:
        raise NotFoundError
    proven = [row for row in rows if row.status.display_state.state == State.ENDED]
    residuals = [row.status.residual_until for row in rows if row.status.residual_until]
    context = {
        "product": product,
        "rows": rows,
        "revoked_at": request.GET["at"],
        "reason": rows[0].grant.end_reason,
        "proven_count": len(proven),
        "is_open": len(proven) < len(rows),
        "poll_interval": get_poll_interval(row.status.display_state for row in rows),
        "residual_until": max(residuals, default=None),
        "back_url": reverse("data-product-access", args=[slug]),
    }
    return render_page_or_fragment(request, "portal/access/revoked.html", "live", context)


def _revoke(request: HttpRequest, form: RevokeForm) -> datetime | None:
    """The time of revocation; None if the form has errors."""
    now, ids = get_request_time(request), parse_ids(request.POST.get("grants", "").split(","))
    try:
        done: Sequence[Grant] = revoke_grants(
            acting_user=get_signed_in_person(request),
            grant_ids=ids,
            reason=form.cleaned_data["reason"],
            now=now,
        )
    except RefusedError as error:
        form.add_error("reason" if error.field == "reason" else None, error.message)
        return None
    except ForbiddenError as error:
        form.add_error(None, str(error))
        return None
    if not done:
        form.add_error(None, _("All of these grants have already ended. Nothing was changed."))
        return None
    words = ngettext("One grant was revoked.", "%(n)d grants were revoked.", len(done)) % {"n": len(done)}
    messages.success(request, words)
    return now


def _parse_time(said: str) -> datetime | None:
    """None if the text is not a valid time."""
    try:
        return parse_datetime(said)
    except ValueError:
        return None
