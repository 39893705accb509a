"""Change and resubmit an item."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from identity.people.models import Person
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError
from portal.pages.column_pages import (
    ColumnChoice,
    build_column_picker,
    is_picker_action,
    parse_picked_columns,
)
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.partials import is_fragment_request
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.initial_values import build_end_date_context
from portal.request_form.offer import get_max_hours
from portal.request_form.preview import FormPreview, describe_refusal, render_preview
from portal.request_form.required_information import get_required_fields, parse_provided_information
from portal.requests.forms import ChangeForm
from portal.requests.presenters import get_item_comments
from requests_app.access_requests.models import RequestItem
from requests_app.policies.evaluation import get_required_information
from requests_app.review.queries import get_item_for_review
from requests_app.submission.changes import preview_change, resubmit_item

FORM_FIELDS = {"row_filter": "row_filter", "ends_at": "ends_on", "comment": "comment"}


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a returned item, as its requester; 404 for everyone else, and for other items. `do=ahead`
    answers with the fragment that says what will happen; nothing is written.
    """
    person = get_signed_in_person(request)
    item = get_item_for_review(person, pk)
    talk = get_item_comments(item, person)
    looks_ahead = get_action(request, "ahead", "ask") == "ahead"
    picks = is_picker_action(request)
    if (request.method == "GET" or looks_ahead or picks) and not talk.may_change:
        raise NotFoundError
    initial = {
        "extent": item.target.table_fact,
        "row_filter": item.row_filter,
        "ends_on": timezone.localdate(item.ends_at),
    }
    form, now = ChangeForm(request.POST or None, initial=initial), get_request_time(request)
    columns = item.table.column_facts
    picked = parse_picked_columns(request.POST, columns) if form.is_bound else item.columns
    chosen = set(picked)
    choices = [ColumnChoice(column, column.name in chosen) for column in columns]
    picker = build_column_picker(item.table, choices, request.POST)
    if picks and is_fragment_request(request):
        return render(request, "portal/requests/edit.html#picker", {"picker": picker})
    if looks_ahead:
        return _render_form_preview(request, form, item, picked)
    if form.is_bound and not picks and form.is_valid() and _resubmit(request, form, item, picked):
        return redirect("access-request", item.request_id)
    ahead = _preview_change_form(person, item, form, picked, now)
    context = {
        "item": item,
        "comments": talk,
        "form": form,
        "picker": picker,
        "max_hours": get_max_hours(item.offer) if item.offer else None,
        "preview": ahead,
        "required_fields": get_required_fields(
            request, person, form, ahead.required_information, item.answers
        ),
        **build_end_date_context(now),
    }
    return render(
        request, "portal/requests/edit.html", context, status=422 if form.is_bound and not picks else 200
    )


def _render_form_preview(
    request: HttpRequest, form: ChangeForm, item: RequestItem, picked: list[str]
) -> HttpResponse:
    ahead = _preview_change_form(get_signed_in_person(request), item, form, picked, get_request_time(request))
    return render_preview(request, form, ahead, item.answers)


def _resubmit(request: HttpRequest, form: ChangeForm, item: RequestItem, picked: list[str]) -> bool:
    """False if the form has errors."""
    now = get_request_time(request)
    try:
        resubmit_item(
            acting_user=get_signed_in_person(request),
            item_id=item.pk,
            requested_item=form.build_requested_item(item, picked),
            ends_at=form.ends_at(item, now),
            comment=form.cleaned_data["comment"],
            now=now,
            provided=parse_provided_information(request.POST),
        )
    except RefusedError as error:
        form.add_refusal(error, FORM_FIELDS.get(error.field))
    except IllegalTransitionError:
        form.add_error(None, _("This request is no longer yours to change. Nothing was changed."))
    else:
        messages.success(request, _("Resubmitted. The data owner sees what you changed."))
        return True
    return False


def _preview_change_form(
    person: Person, item: RequestItem, form: ChangeForm, picked: Iterable[str], now: datetime
) -> FormPreview:
    """Previews the original item while the form is unbound. An invalid form keeps the required information of the item."""
    if form.is_bound and not form.is_valid():
        return FormPreview(required_information=get_required_information(item))
    ends_at = form.ends_at(item, now) if form.is_bound else item.ends_at
    try:
        found = preview_change(person, item, form.build_requested_item(item, picked), ends_at, now)
    except RefusedError as refusal:
        return FormPreview(describe_refusal(refusal), get_required_information(item))
    return FormPreview(found.text, found.required_information)
