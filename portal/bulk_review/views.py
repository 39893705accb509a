"""Bulk decisions: confirm, result, undo."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.mirror.models import Classification
from kernel.errors import ForbiddenError, RefusedError
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import KeyedForm
from portal.pages.inbox_query import parse_inbox_query
from portal.pages.partials import render_page_or_fragment
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import map_by_id, parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.errors import EffectsChangedError
from requests_app.review.bulk.actions import cancel_bulk_decision, decide_in_bulk
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.bulk.queries import (
    BulkCandidate,
    BulkGroup,
    get_bulk_decision,
    select_for_bulk,
)
from requests_app.review.bulk.similarity import MAX_BULK_ITEMS, ItemSimilarity
from requests_app.review.inbox.counts import get_inbox_page

REMAINING = "remaining"
"""Parameter with the items of the other groups, which are not decided yet."""


class BulkDecisionForm(KeyedForm):
    """One decision for several items; item ids and effect hashes are sent separately."""

    hidden_field_names = frozenset({"idempotency_key", "answer"})
    max_text_length = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=BulkDecision.Answer.choices)
    comment = forms.CharField(required=False)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def confirm(request: HttpRequest) -> HttpResponse:
    """GET shows the `item`s of the query string, or those of a page of the inbox, in groups that can be decided
    together; POST decides on one group, exactly as shown.
    """
    form = BulkDecisionForm(request.POST or None)
    bulk = _decide(request, form) if form.is_bound and form.is_valid() else None
    if bulk is not None:
        remaining = parse_ids(request.POST.getlist(REMAINING))
        url = reverse("bulk-decision", args=[bulk.pk])
        result_url = f"{url}?{urlencode({REMAINING: remaining}, doseq=True)}" if remaining else url
        return redirect(result_url)
    ids = _parse_item_ids(request)
    for_bulk = select_for_bulk(get_signed_in_person(request), ids[:MAX_BULK_ITEMS])
    groups = for_bulk.build_groups()
    shown_groups = [ShownGroup(group, tuple(_list_differences(group, groups))) for group in groups]
    context = {
        "groups": shown_groups,
        "rows": for_bulk.candidates,
        "left_over_count": max(0, len(ids) - MAX_BULK_ITEMS),
        "missing_count": len(ids[:MAX_BULK_ITEMS]) - len(for_bulk.candidates),
        "form": form,
    }
    return render(request, "portal/bulk_review/confirm.html", context, status=422 if form.is_bound else 200)


@require_GET
@return_404_if_hidden
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """Seconds left to undo, then the outcome of each item. htmx receives that part only."""
    found, now = get_bulk_decision(get_signed_in_person(request), pk), get_request_time(request)
    left = max(0, ceil((found.due_at - now).total_seconds()))
    is_open = found.done_at is None and found.undone_at is None
    context = {
        "bulk": found,
        "seconds_left": left,
        "is_open": is_open,
        "bulk_items": found.lines.all(),
        "remaining": parse_ids(request.GET.getlist(REMAINING)),
    }
    return render_page_or_fragment(request, "portal/bulk_review/result.html", "live", context)


@require_POST
@return_404_if_hidden
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        cancel_bulk_decision(
            acting_user=get_signed_in_person(request), bulk_decision_id=pk, now=get_request_time(request)
        )
    except ForbiddenError as error:
        messages.error(request, _("Not undone: %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("Undone. Nothing was decided."))
    return redirect("bulk-decision", pk)


def _parse_item_ids(request: HttpRequest) -> list[int]:
    """The chosen items; without any, those of the page of the inbox that the query string names."""
    said = request.POST if request.method == "POST" else request.GET
    if ids := parse_ids(said.getlist("item")):
        return ids
    page = get_inbox_page(get_signed_in_person(request), parse_inbox_query(request.GET.dict()))
    return [item.pk for item in page.items]


def _decide(request: HttpRequest, form: BulkDecisionForm) -> BulkDecision | None:
    """None if the form has errors."""
    shown = map_by_id(request.POST.getlist("item"), request.POST.getlist("effects_hash"))
    try:
        return decide_in_bulk(
            acting_user=get_signed_in_person(request),
            effects_hashes=shown,
            **form.cleaned_data,
            now=get_request_time(request),
        )
    except EffectsChangedError:
        form.add_error(None, _("One of them changed after you opened it. Nothing was decided. Check again."))
    except RefusedError as error:
        form.add_refusal(error)
    return None


@dataclass(frozen=True)
class ShownGroup:
    """`differences` are sentences, none for the first group."""

    group: BulkGroup
    differences: tuple[str, ...]


def _list_differences(group: BulkGroup, groups: Sequence[BulkGroup]) -> Iterator[str]:
    own, other = group.candidates[0], groups[0].candidates[0]
    if group is groups[0]:
        return
    mine, first = own.similarity, other.similarity
    if mine.has_widening:
        yield _("More also becomes visible through other access.")
    if mine.effects != first.effects:
        words = {"own": mine.effects_label, "first": first.effects_label}
        yield _("Requested: %(own)s. In the first group: %(first)s.") % words
    if mine.classification != first.classification:
        words = {"own": _get_class_label(mine), "first": _get_class_label(first)}
        yield _("Highest classification: %(own)s. In the first group: %(first)s.") % words
    if mine.offer != first.offer:
        words = {"own": _get_offer_name(own), "first": _get_offer_name(other)}
        yield _("Offer: %(own)s. In the first group: %(first)s.") % words
    if mine.is_outside_organisation != first.is_outside_organisation:
        yield (
            _("It goes outside the organisation. The first group does not.")
            if mine.is_outside_organisation
            else _("It stays inside the organisation. The first group does not.")
        )
    if mine.rules != first.rules:
        yield _("Other policies or obstacles apply to it than to the first group.")


def _get_class_label(one: ItemSimilarity) -> str:
    return str(Classification(one.classification).label) if one.classification else _("not classified")


def _get_offer_name(one: BulkCandidate) -> str:
    return one.item.offer.name if one.item.offer else _("none")
