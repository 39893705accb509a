"""Review of an item, with preview and decision."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from catalog.mirror.models import ColumnFacts
from identity.people.models import Person
from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from lakeformation.values.row_filters import MAX_LENGTH
from portal.pages.assignments import answer_assignment
from portal.pages.column_pages import (
    ColumnChoice,
    ColumnPicker,
    build_column_picker,
    is_picker_action,
    merge_unshown_columns,
)
from portal.pages.effects_diff import (
    build_account_diffs,
    build_visible_cells,
    compare_effect_lines,
    count_plan,
    list_effect_lines,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import (
    HoursField,
    IdempotentForm,
    RowFilterField,
    add_refusal,
    get_end_of_day,
    set_choices,
)
from portal.pages.inbox_query import (
    build_next_review,
    build_progress_url,
    build_review_links,
    parse_inbox_query,
)
from portal.pages.own_requests import describe_due_time
from portal.pages.partials import is_fragment_request, render_page_or_fragment
from portal.pages.places import place_page
from portal.pages.reading_notes import describe_reading_age
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.presenters import build_item_details
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH, MAX_TEXT_LENGTH
from requests_app.access_requests.may import get_requester_ids
from requests_app.access_requests.models import ItemChange, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import EffectsChangedError, PolicyChangedError
from requests_app.grants.queries import list_other_grants
from requests_app.notifications.queries import mark_item_read
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.assignment.actions import assign_item
from requests_app.review.assignment.queries import find_assignment
from requests_app.review.comments import request_changes
from requests_app.review.decision_history import list_similar_decisions
from requests_app.review.inbox.queries import find_item_key
from requests_app.review.may import find_delegation, may_approve_item
from requests_app.review.queries import get_item_for_review, list_other_items
from requests_app.review.sla.queries import get_decision_deadline
from requests_app.review.summary import Review, build_review, compute_limits
from requests_app.review.terms import (
    NOT_NARROWED,
    NarrowedTerms,
    RequestTerms,
    TermsDifference,
    compute_terms_hash,
    copy_with_terms,
    get_terms,
    list_differences,
    narrow_terms,
)
from requests_app.submission.offer_checks import get_terms_acceptance

TRIAL_DAYS = (7, 14, 30, 90)
"""Trial lengths in days; offered if shorter than requested."""


class DecisionForm(IdempotentForm):
    """`effects_hash`: of what was shown; `effects_changed`: it is another now; `is_edited`: the person chose
    something else since; `narrowed`: what they chose. `shown` is the digest of the requested terms, `choice` of the
    chosen terms. A preview decides nothing.
    """

    hidden_field_names = frozenset(
        {"answer", "effects_hash", "rules_hash", "choice", "shown", "idempotency_key"}
    )
    effects_changed = False
    is_edited = False
    narrowed: NarrowedTerms = NOT_NARROWED
    max_text_length = MAX_TEXT_LENGTH

    answer = forms.ChoiceField(choices=[(one, one) for one in ("preview", "approve", "return", "reject")])
    effects_hash = forms.CharField(max_length=64)
    rules_hash = forms.CharField(max_length=64, required=False)
    choice = forms.CharField(max_length=64, required=False)
    shown = forms.CharField(max_length=64, required=False)
    comment = forms.CharField(required=False)
    idempotency_key = forms.CharField(max_length=MAX_KEY_LENGTH, required=False)


class NarrowingForm(forms.Form):
    """Narrowed terms; part of the decision form, and allowed in the query string."""

    max_row_filter_length = MAX_LENGTH

    columns = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": gettext_lazy("%(value)s was not requested.")}
    )
    row_filter = RowFilterField()
    ends_at = forms.DateField(required=False, error_messages={"invalid": gettext_lazy("Enter a valid date.")})
    trial_days = forms.IntegerField(required=False, min_value=1, max_value=3650)
    hours = HoursField()

    def __init__(self, data: QueryDict | None, item: RequestItem) -> None:
        start = {"columns": item.columns, "ends_at": timezone.localdate(item.ends_at)}
        is_said = data is not None and any(name in data for name in self.base_fields)
        self.item = item
        self.offered_columns = _list_offered_columns(item) if item.target.has_column_choice else []
        all_ticks = (
            merge_unshown_columns(data, self.offered_columns) if data is not None and is_said else None
        )
        super().__init__(all_ticks, initial=start)
        set_choices(self, "columns", [(column.name, column.name) for column in self.offered_columns])

    @property
    def selected_columns(self) -> list[str]:
        """Selected columns; initially all requested ones."""
        whole = [column.name for column in self.offered_columns]
        said: list[str] | None = self["columns"].value() if self.is_bound else self.item.columns or whole
        return said or []

    @property
    def picker(self) -> ColumnPicker:
        chosen = set(self.selected_columns)
        choices = [ColumnChoice(column, column.name in chosen) for column in self.offered_columns]
        return build_column_picker(
            self.item.table, choices, self.data if isinstance(self.data, QueryDict) else QueryDict()
        )

    @property
    def first_error(self) -> str:
        return next((str(error[0]) for error in self.errors.values()), "")

    @property
    def narrowed(self) -> NarrowedTerms:
        """The terms of a valid form. The requested day and all columns do not narrow the request."""
        said: dict[str, Any] = self.cleaned_data
        columns, day = tuple(said["columns"]), said["ends_at"]
        as_asked = len(columns) == len(self.offered_columns)
        same_day = day is None or day == timezone.localdate(self.item.ends_at)
        return NarrowedTerms(
            columns=None if as_asked else columns,
            row_filter=said["row_filter"],
            ends_at=None if same_day else get_end_of_day(day),
            trial_days=said["trial_days"],
            hours=said["hours"],
        )


def count_included_keys(item: RequestItem, offered: Collection[ColumnFacts]) -> int:
    """Partition keys that any column brings with it, and that are not among the offered columns."""
    if item.target.has_future_columns or not offered:
        return 0
    names = {column.name for column in offered}
    return sum(row.is_partition_key and row.name not in names for row in item.table.column_facts)


def _list_offered_columns(item: RequestItem) -> list[ColumnFacts]:
    """Columns that can be left out, in table order."""
    return [row for row in item.table.column_facts if item.target.includes_column(row.name)]


PREVIEW, APPROVE = "preview", "approve"


@dataclass(frozen=True)
class ChosenTerms:
    """The item with the chosen terms; `differences` from the requested terms."""

    item: RequestItem
    form: NarrowingForm
    narrowed: NarrowedTerms = NOT_NARROWED
    differences: tuple[TermsDifference, ...] = ()

    @property
    def digest(self) -> str:
        """Empty if the terms cannot be approved."""
        return "" if self.form.errors else self.narrowed.compute_hash()


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows who, why and the effects. POST decides on exactly what was shown; another choice is shown first."""
    person, form = get_signed_in_person(request), DecisionForm(request.POST or None)
    if is_picker_action(request) and is_fragment_request(request):
        return _render_picker(request, get_item_for_review(person, pk))
    if request.POST.get("answer") == PREVIEW or is_picker_action(request):
        return _render_preview(request, get_item_for_review(person, pk))
    if form.is_bound and form.is_valid() and (url := _decide_and_find_next(request, form, pk)):
        return redirect(url)
    item = get_item_for_review(person, pk)
    place_page(request, "reviews", "access-requests")
    mark_item_read(person, item.pk, item.request_id, get_request_time(request))
    context = _build_context(request, item, form)
    return render(request, "portal/review/review.html", context, status=422 if form.is_bound else 200)


def _decide_and_find_next(request: HttpRequest, form: DecisionForm, pk: int) -> str:
    """The next item of the inbox, or the inbox if nothing else waits; empty if the form has errors."""
    person, query = get_signed_in_person(request), parse_inbox_query(request.GET.dict())
    place = find_item_key(pk, query.order)
    if not _decide(request, form, pk):
        return ""
    return build_next_review(person, place, query, get_request_time(request)).url


def _render_preview(request: HttpRequest, item: RequestItem) -> HttpResponse:
    """Preview without a decision. htmx receives only the part that depends on the terms."""
    if is_fragment_request(request):
        context = _build_terms_context(request, item)
    else:
        context = _build_context(request, item, DecisionForm(initial=request.POST.dict()))
    return render_page_or_fragment(request, "portal/review/review.html", "shown", context)


def _render_picker(request: HttpRequest, item: RequestItem) -> HttpResponse:
    """Another page of the columns, or other ticks; nothing is decided."""
    context = {"item": item, "chosen_form": NarrowingForm(request.POST, item)}
    return render(request, "portal/review/_columns.html", context)


def _build_context(request: HttpRequest, item: RequestItem, form: DecisionForm) -> dict[str, Any]:
    person, now = get_signed_in_person(request), get_request_time(request)
    chosen = _build_terms_context(request, item)
    effects = chosen["review"].effects
    return chosen | {
        "terms_accepted": get_terms_acceptance(item),
        "trial_days": [days for days in TRIAL_DAYS if (item.ends_at - now).days >= days],
        "reading_note": describe_reading_age(item.table.database.catalog, now),
        "other_items": list_other_items(person, item),
        "similar_decisions": list_similar_decisions(person, item),
        "last_change": _get_last_change(item),
        "details": build_item_details(item, person, now, review=chosen["review"]),
        "delegation": find_delegation(person, item),
        "other_grants": list_other_grants(person, item),
        "assignment": find_assignment(f"item:{item.pk}"),
        "assignable": chosen["review"].deciders
        if chosen["review"].is_waiting and person in chosen["review"].deciders
        else (),
        "assign_url": reverse("review-assign", args=[item.pk]),
        "due": describe_due_time(get_decision_deadline(item), now),
        "now": now,
        "form": form,
        "idempotency_key": form.form_key,
        "shown": compute_terms_hash(item),
        "effect_changes": compare_effect_lines(request.POST.getlist("seen"), effects)
        if form.is_bound
        else [],
    }


def _build_terms_context(request: HttpRequest, item: RequestItem) -> dict[str, Any]:
    """Context that depends on the chosen terms."""
    person, now = get_signed_in_person(request), get_request_time(request)
    chosen = _parse_chosen_terms(request.POST or request.GET, item, now)
    shown, verdict = build_review(item, person, chosen.narrowed, now), may_approve_item(person, item)
    only_preview = bool(chosen.form.errors or shown.obstacle)
    return {
        "item": item,
        "review": shown,
        "chosen_terms": chosen,
        "verdict": verdict,
        "may_approve": shown.is_waiting and bool(verdict),
        "account_diffs": build_account_diffs(shown.effects, item),
        "aws_limits": compute_limits(shown.item, shown.effects.access),
        "visible_cells": build_visible_cells(shown.effects, frozenset(request.POST.getlist("widening"))),
        "effect_lines": list_effect_lines(shown.effects),
        "plan_counts": count_plan(shown.effects, shown.calls),
        "checks": _list_checks(shown),
        "only_preview": only_preview,
        "button_label": _("Check again") if only_preview else _get_button_label(chosen),
        "is_fragment": is_fragment_request(request),
        "review_links": build_review_links(person, item, parse_inbox_query(request.GET.dict()), now),
    }


@dataclass(frozen=True)
class Check:
    """Something that is looked at before an approval, as it is now."""

    text: str
    is_met: bool


def _list_checks(shown: Review) -> list[Check]:
    rules, widenings = shown.policy_summary, shown.effects.widenings
    return [
        Check(
            _("can be applied in AWS") if not shown.obstacle else _("can't be approved now"),
            not shown.obstacle,
        ),
        Check(_("policies allow it") if not rules.refusals else _("a policy refuses it"), not rules.refusals),
        Check(
            _("nothing else becomes visible") if not widenings else _("more becomes visible"), not widenings
        ),
    ]


@require_POST
@return_404_if_hidden
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the review with what was done."""
    act = partial(assign_item, acting_user=get_signed_in_person(request), item_id=pk)
    return answer_assignment(request, act, "review", pk)


def _get_button_label(chosen: ChosenTerms) -> str:
    offered = chosen.form.offered_columns
    included = count_included_keys(chosen.item, offered)
    # For the narrowed item `chosen.item`; `offered` is the number of columns that could be left out,
    # `included` that of partition keys that come with any column: the approver is told of both, as both
    # become visible.
    keys = ""
    if included:
        keys = ngettext(" and %(n)d partition key", " and %(n)d partition keys", included) % {"n": included}
    rows = _(", fewer rows") if chosen.narrowed.row_filter.strip() else ""
    return f"{_describe_extent(chosen.item, chosen.narrowed, len(offered))}{keys}{rows} {_describe_end(chosen.item, chosen.narrowed)}".strip()


def _parse_chosen_terms(said: QueryDict, item: RequestItem, now: datetime) -> ChosenTerms:
    """The chosen terms; the requested terms, with form errors, if they are invalid."""
    form = NarrowingForm(said, item)
    if item.state != ItemState.SUBMITTED or not form.is_valid():
        return ChosenTerms(item, form)
    try:
        terms = narrow_terms(item, form.narrowed, now)
    except RefusedError as error:
        add_refusal(form, error)
        return ChosenTerms(item, form)
    return ChosenTerms(
        copy_with_terms(item, terms), form, form.narrowed, tuple(list_differences(get_terms(item), terms))
    )


def _decide(request: HttpRequest, form: DecisionForm, pk: int) -> RequestItem | None:
    """The item; None if the form has errors."""
    answer: dict[str, Callable[[HttpRequest, DecisionForm, int], tuple[RequestItem, str]]] = {
        APPROVE: _approve,
        "return": _return,
        "reject": _reject,
    }
    try:
        item, done = answer[form.cleaned_data["answer"]](request, form, pk)
    except EffectsChangedError:
        form.effects_changed = True
        form.is_edited = form.cleaned_data["choice"] not in {"", form.narrowed.compute_hash()}
    except PolicyChangedError as error:
        form.add_error(None, str(error))
    except RefusedError as error:
        form.is_key_used = error.field == form.key_field
        form.add_error("comment" if error.field == "comment" else None, error.message)
    except IllegalTransitionError:
        form.add_error(None, _describe_conflict(get_signed_in_person(request), pk))
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, done)
        return item
    return None


def _describe_conflict(person: Person, pk: int) -> str:
    """Why the decision is no longer possible."""
    item = RequestItem.objects.get(pk=pk)
    if item.state == ItemState.WITHDRAWN:
        return _("The request was withdrawn in the meantime. Nothing was changed.")
    if item.state == ItemState.RETURNED:
        return _("The request was sent back to the requester in the meantime. Nothing was changed.")
    if item.decisions.filter(decided_by=person).exists():
        return _("You have already decided on this. Nothing was changed.")
    return _("Someone else decided on this in the meantime. Nothing was changed.")


def _approve(request: HttpRequest, form: DecisionForm, pk: int) -> tuple[RequestItem, str]:
    locked: list[RequestItem] = []

    def narrow(item: RequestItem) -> NarrowedTerms:
        locked.append(item)
        form.narrowed = _parse_narrowed_terms(request, item)
        return form.narrowed

    grant = approve_item(
        acting_user=get_signed_in_person(request),
        item_id=pk,
        effects_hash=form.cleaned_data["effects_hash"],
        comment=form.cleaned_data["comment"],
        now=get_request_time(request),
        widenings=request.POST.getlist("widening"),
        narrowed=narrow,
        policy_hash=form.cleaned_data["rules_hash"],
    )
    if grant is None:
        return locked[0], _("You approved. Access is granted when the others have approved too.")
    message = format_html(
        '{} <a href="{}">{}</a>',
        _("Approved. The workers apply it in AWS now and read it back."),
        build_progress_url(locked[0], parse_inbox_query(request.GET.dict())),
        _("Follow %(name)s") % {"name": locked[0].name},
    )
    return locked[0], message


def _parse_narrowed_terms(request: HttpRequest, item: RequestItem) -> NarrowedTerms:
    """The narrowed terms of the form. RefusedError if invalid."""
    form = NarrowingForm(request.POST, item)
    if not form.is_bound:
        return NOT_NARROWED
    if not form.is_valid():
        raise RefusedError(form.first_error)
    return form.narrowed


def _return(request: HttpRequest, form: DecisionForm, pk: int) -> tuple[RequestItem, str]:
    remark = request_changes(
        acting_user=get_signed_in_person(request),
        item_id=pk,
        comment=form.cleaned_data["comment"],
        idempotency_key=form.cleaned_data["idempotency_key"],
        now=get_request_time(request),
        terms_hash=form.cleaned_data["shown"],
    )
    return remark.item, _("Sent back to the requester. It returns to your inbox when they resubmit it.")


def _reject(request: HttpRequest, form: DecisionForm, pk: int) -> tuple[RequestItem, str]:
    decision = reject_item(
        acting_user=get_signed_in_person(request),
        item_id=pk,
        comment=form.cleaned_data["comment"],
        now=get_request_time(request),
        terms_hash=form.cleaned_data["shown"],
    )
    return decision.item, _("Rejected. The requester can read your reason.")


@dataclass(frozen=True)
class LastChange:
    change: ItemChange
    differences: tuple[TermsDifference, ...]


def _get_last_change(item: RequestItem) -> LastChange | None:
    """The requester's last change, if any."""
    mine = [change for change in item.changes.all() if change.created_by_id in get_requester_ids(item)]
    if not mine:
        return None
    lines = list_differences(RequestTerms.from_json(mine[-1].before), RequestTerms.from_json(mine[-1].after))
    return LastChange(mine[-1], tuple(lines))


def _describe_extent(given: RequestItem, less: NarrowedTerms, offered: int) -> str:
    if less.columns is not None:
        words = ngettext("Approve %(n)d of %(all)d column", "Approve %(n)d of %(all)d columns", offered)
        return words % {"n": len(less.columns), "all": offered}
    if label := given.target.texts.approval:
        return str(label)
    return ngettext("Approve %(n)d column", "Approve all %(n)d columns", offered) % {"n": offered}


def _describe_end(given: RequestItem, less: NarrowedTerms) -> str:
    """With several limits, the earliest end applies, which is that of `given`."""
    said = [one for one in (less.trial_days, less.hours, less.ends_at) if one is not None]
    if not said:
        return ""
    if less.trial_days and len(said) == 1:
        return ngettext("for a trial of %(n)d day", "for a trial of %(n)d days", less.trial_days) % {
            "n": less.trial_days
        }
    if less.hours and len(said) == 1:
        return ngettext("for %(n)d hour", "for %(n)d hours", less.hours) % {"n": less.hours}
    return _("until %(day)s") % {"day": date_format(localtime(given.ends_at), _("j F Y"))}
