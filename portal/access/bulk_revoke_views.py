"""Ending several grants on a product at once: how many, why, and what has been read back since."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from catalog.browse.products import product_for
from catalog.products.models import DataProduct
from identity.errors import ForbiddenError, NotFoundError, RefusedError
from identity.people.models import Person
from portal.access.forms import RevokeForm
from portal.access.presenters import GrantShown, grants_shown
from portal.pages.partials import page_or_fragment, pause_of
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import ids_in
from portal.pages.signed_in import person_of
from requests_app.display_states.vocabulary import State
from requests_app.grants.actions import MAX_REVOKED, revoke_grants
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_product_grants
from requests_app.grants.states import GrantState


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def several(request: HttpRequest, slug: str) -> HttpResponse:
    """GET counts what would end: the `grant`s of the address, or `all`; POST ends exactly those that were shown."""
    person = person_of(request)
    product = product_for(person, slug)
    form = RevokeForm(request.POST or None)
    if form.is_bound and form.is_valid() and (at := _revoked(request, form)):
        return redirect(
            f"{reverse('data-product-access-revoked', args=[slug])}?{urlencode({'at': at.isoformat()})}"
        )
    rows = _endable(request, person, product)
    context = {
        "product": product,
        "rows": rows[:MAX_REVOKED],
        "more": len(rows) - MAX_REVOKED if len(rows) > MAX_REVOKED else 0,
        "roles": len({row.grant.principal_id for row in rows[:MAX_REVOKED]}),
        "people": len({row.grant.item.requester_id for row in rows[:MAX_REVOKED]}),
        "grants": ",".join(str(row.grant.pk) for row in rows[:MAX_REVOKED]),
        "form": form,
    }
    return render(request, "portal/access/bulk_revoke.html", context, status=422 if form.is_bound else 200)


@require_GET
@hides_what_is_not_yours
def ended(request: HttpRequest, slug: str) -> HttpResponse:
    """What ended `at` that moment, each with its proof; to htmx the list alone."""
    person = person_of(request)
    product = product_for(person, slug)
    at = _moment(request.GET.get("at", ""))
    grants = list_product_grants(person, product).filter(ended_at=at, state=GrantState.REVOKED)
    rows = grants_shown(grants, person, clock.now())
    if not rows:
        raise NotFoundError
    proven = [row for row in rows if row.progress.shown.state == State.ENDED]
    residuals = [row.progress.residual_until for row in rows if row.progress.residual_until]
    context = {
        "product": product,
        "rows": rows,
        "at": request.GET["at"],
        "reason": rows[0].grant.end_reason,
        "proven": len(proven),
        "is_open": len(proven) < len(rows),
        "pause": pause_of(row.progress.shown for row in rows),
        "residual_until": max(residuals, default=None),
        "back": reverse("data-product-access", args=[slug]),
    }
    return page_or_fragment(request, "portal/access/revoked.html", "live", context)


def _endable(request: HttpRequest, person: Person, product: DataProduct) -> list[GrantShown]:
    """Those that are meant, live, and this person's to end."""
    live = list_product_grants(person, product).filter(state=GrantState.LIVE)
    said = request.POST or request.GET
    if "all" not in said:
        listed = said["grants"].split(",") if "grants" in said else said.getlist("grant")
        live = live.filter(pk__in=ids_in(listed))
    return [row for row in grants_shown(live, person, clock.now()) if row.may_revoke]


def _revoked(request: HttpRequest, form: RevokeForm) -> datetime | None:
    """When they ended; None when the form says why they did not."""
    now, ids = clock.now(), ids_in(request.POST.get("grants", "").split(","))
    try:
        done: Sequence[Grant] = revoke_grants(
            acting_user=person_of(request), grant_ids=ids, reason=form.cleaned_data["reason"], now=now
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


def _moment(said: str) -> datetime | None:
    """As the address says it; None for what is no moment."""
    try:
        return parse_datetime(said)
    except ValueError:
        return None
