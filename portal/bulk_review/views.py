"""Deciding on several items together: a look at all of them, the answer, and the seconds in which it can be undone."""

from math import ceil

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from identity.errors import ForbiddenError, RefusedError
from portal.bulk_review.forms import BulkForm
from portal.pages.partials import page_or_fragment
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import by_id, ids_in
from portal.pages.signed_in import person_of
from requests_app.errors import EffectsChangedError
from requests_app.review.bulk.actions import decide_in_bulk, undo_bulk
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.bulk.queries import get_bulk_decision
from requests_app.review.bulk.queries import select_for_bulk as look_together
from requests_app.review.bulk.similarity import MAX_BULK_ITEMS


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def together(request: HttpRequest) -> HttpResponse:
    """GET shows the `item`s of the address, and whether they are alike; POST decides on exactly what was shown."""
    form = BulkForm(request.POST or None)
    bulk = _decided(request, form) if form.is_bound and form.is_valid() else None
    if bulk is not None:
        return redirect("bulk-decision", bulk.pk)
    said = request.POST if form.is_bound else request.GET
    ids = ids_in(said.getlist("item"))
    found = look_together(person_of(request), ids[: MAX_BULK_ITEMS + 1])
    context = {
        "rows": found.rows,
        "verdict": found.verdict,
        "gone": len(set(ids)) - len(found.rows),
        "form": form,
    }
    return render(request, "portal/bulk_review/confirm.html", context, status=422 if form.is_bound else 200)


@require_GET
@hides_what_is_not_yours
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """How long it can be undone, then what became of each; to htmx that part alone."""
    found, now = get_bulk_decision(person_of(request), pk), clock.now()
    left = max(0, ceil((found.due_at - now).total_seconds()))
    is_open = found.done_at is None and found.undone_at is None
    context = {"bulk": found, "left": left, "is_open": is_open, "lines": found.lines.all()}
    return page_or_fragment(request, "portal/bulk_review/result.html", "live", context)


@require_POST
@hides_what_is_not_yours
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        undo_bulk(acting_user=person_of(request), bulk_id=pk, now=clock.now())
    except ForbiddenError as error:
        messages.error(request, _("Not undone: %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("Undone. Nothing was decided."))
    return redirect("bulk-decision", pk)


def _decided(request: HttpRequest, form: BulkForm) -> BulkDecision | None:
    """The decision; None when the form says why there is none."""
    shown = by_id(request.POST.getlist("item"), request.POST.getlist("effects_hash"))
    try:
        return decide_in_bulk(
            acting_user=person_of(request), shown=shown, **form.cleaned_data, now=clock.now()
        )
    except EffectsChangedError:
        form.add_error(None, _("One of them changed after you opened it. Nothing was decided. Check again."))
    except RefusedError as error:
        form.say(error)
    return None
