"""Bulk decisions: confirm, result, undo."""

from math import ceil

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from identity.errors import ForbiddenError, RefusedError
from portal.bulk_review.forms import BulkDecisionForm
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import render_page_or_fragment
from portal.pages.row_ids import map_by_id, parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.errors import EffectsChangedError
from requests_app.review.bulk.actions import cancel_bulk_decision, decide_in_bulk
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.bulk.queries import get_bulk_decision, select_for_bulk
from requests_app.review.bulk.similarity import MAX_BULK_ITEMS


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def confirm(request: HttpRequest) -> HttpResponse:
    """GET shows the `item`s of the address, and whether they are alike; POST decides on exactly what was shown."""
    form = BulkDecisionForm(request.POST or None)
    bulk = _decide(request, form) if form.is_bound and form.is_valid() else None
    if bulk is not None:
        return redirect("bulk-decision", bulk.pk)
    said = request.POST if form.is_bound else request.GET
    ids = parse_ids(said.getlist("item"))
    found = select_for_bulk(get_signed_in_person(request), ids[: MAX_BULK_ITEMS + 1])
    context = {
        "rows": found.candidates,
        "verdict": found.verdict,
        "missing_count": len(set(ids)) - len(found.candidates),
        "form": form,
    }
    return render(request, "portal/bulk_review/confirm.html", context, status=422 if form.is_bound else 200)


@require_GET
@return_404_if_hidden
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """Seconds left to undo, then the outcome of each item. htmx receives that part only."""
    found, now = get_bulk_decision(get_signed_in_person(request), pk), clock.now()
    left = max(0, ceil((found.due_at - now).total_seconds()))
    is_open = found.done_at is None and found.undone_at is None
    context = {"bulk": found, "seconds_left": left, "is_open": is_open, "bulk_items": found.lines.all()}
    return render_page_or_fragment(request, "portal/bulk_review/result.html", "live", context)


@require_POST
@return_404_if_hidden
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        cancel_bulk_decision(acting_user=get_signed_in_person(request), bulk_decision_id=pk, now=clock.now())
    except ForbiddenError as error:
        messages.error(request, _("Not undone: %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("Undone. Nothing was decided."))
    return redirect("bulk-decision", pk)


def _decide(request: HttpRequest, form: BulkDecisionForm) -> BulkDecision | None:
    """None if the form has errors."""
    shown = map_by_id(request.POST.getlist("item"), request.POST.getlist("effects_hash"))
    try:
        return decide_in_bulk(
            acting_user=get_signed_in_person(request),
            effects_hashes=shown,
            **form.cleaned_data,
            now=clock.now(),
        )
    except EffectsChangedError:
        form.add_error(None, _("One of them changed after you opened it. Nothing was decided. Check again."))
    except RefusedError as error:
        form.add_refusal(error)
    return None
