"""Write access: the list, the form, the page of one request, and decisions on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.mirror.models import Table
from decisions.states import DecisionState
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.accounts import Principal
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from kernel.verdicts import Verdict
from portal.decisions.views import build_decide_view, build_end_view
from portal.pages.decisions import build_decision_event, build_end_event
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, PageForm, ReasonForm, add_refusal, get_end_of_day, set_choices
from portal.pages.pagination import build_pager
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import get_default_end
from portal.request_form.initial_values import build_end_date_context
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import WRITE_REQUEST_STATES
from requests_app.write_access.actions import request_write_access
from requests_app.write_access.effects import build_write_access, compute_effects_hash, list_obstacles
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.may import (
    may_approve_write_request,
    may_end_write_access,
    may_withdraw_write_request,
)
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.queries import get_problem, get_status, get_write_request, list_write_requests
from requests_app.write_access.states import WriteRequestStatus
from requests_app.write_access.targets import list_writable_tables, list_writers

PAGE_SIZE, MAX_TABLES = 50, 1000
OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Approved. The role gets its write access now."),
    "reject": gettext_lazy("Rejected. Nothing changes."),
    "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
}


class WriteRequestForm(PageForm):
    max_text_length = MAX_TEXT_LENGTH

    table = forms.TypedChoiceField(
        label=gettext_lazy("Table"),
        help_text=gettext_lazy("of your domain"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose a table."),
            "invalid_choice": gettext_lazy(
                "This table no longer exists, or belongs to another domain. Choose another."
            ),
        },
    )
    principal = forms.TypedChoiceField(
        label=gettext_lazy("Role"),
        help_text=gettext_lazy("of a producer account of your team"),
        coerce=int,
        error_messages={
            "required": gettext_lazy("Choose the role that will write."),
            "invalid_choice": gettext_lazy(
                "This role no longer exists, or is in no producer account. Choose another."
            ),
        },
    )
    verbs = forms.MultipleChoiceField(
        choices=WriteVerb.choices, error_messages={"required": gettext_lazy("Choose what the role may do.")}
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        help_text=gettext_lazy("What the role writes, and why. People in the domain read it."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=MAX_TEXT_LENGTH,
        error_messages={"required": gettext_lazy("Say what the role writes, and why.")},
    )
    ends_on = forms.DateField(
        error_messages={
            "required": gettext_lazy("Choose the last day."),
            "invalid": gettext_lazy("Enter a valid date."),
        }
    )

    def __init__(
        self, data: Any, *, tables: Sequence[Table], writers: Sequence[Principal], initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial={"verbs": [WriteVerb.INSERT], **initial})
        self.writers = {one.pk: one for one in writers}
        set_choices(
            self, "table", [("", str(gettext_lazy("choose"))), *((one.pk, str(one)) for one in tables)]
        )
        set_choices(self, "principal", [(one.pk, str(one)) for one in writers])

    @property
    def selected_verbs(self) -> list[str]:
        """Also of an unbound form."""
        return [str(verb) for verb in self["verbs"].value() or ()]

    @property
    def ends_at(self) -> datetime:
        """The end of the day `ends_on`."""
        return get_end_of_day(self.cleaned_data["ends_on"])


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    page = Paginator(list_write_requests(person), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": [_build_write_request_row(one, now) for one in page],
        "may_request": list_writable_tables(person).exists(),
        "pager": build_pager(page),
    }
    return render(request, "portal/write_access/list.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """`table` in the query is the one that is chosen already."""
    person, now = get_signed_in_person(request), get_request_time(request)
    chosen = request.GET.get("table", "")
    writable = list_writable_tables(person)
    tables = list(writable[:MAX_TABLES])
    if chosen.isdecimal() and not any(str(one.pk) == chosen for one in tables):
        tables.extend(writable.filter(pk=int(chosen)))
    if not tables:
        raise NotFoundError
    form = WriteRequestForm(
        request.POST or None,
        tables=tables,
        writers=list(list_writers(person)),
        initial={"table": request.GET.get("table", ""), "ends_on": get_default_end(now, now)},
    )
    if form.is_bound and form.is_valid() and (made := _request(person, form)):
        messages.success(request, _("Sent. A data owner of the domain decides."))
        return redirect("write-request", made.pk)
    status = UNPROCESSABLE if form.is_bound else OK
    context = {"form": form, **build_end_date_context(now)}
    return render(request, "portal/write_access/new.html", context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_write_request(person, pk)
    now = get_request_time(request)
    is_open = row.state == DecisionState.WAITING
    is_live = row.state == DecisionState.APPROVED and row.ends_at > now
    events = sorted(_list_events(row), key=lambda event: event.at)
    details = WriteRequestDetails(
        row=_build_write_request_row(row, now),
        effects_hash=compute_effects_hash(row),
        verbs=tuple((verb, str(WriteVerb(verb).label)) for verb in row.verbs),
        links=tuple(link.display_name for link in build_write_access(row).links),
        obstacles=tuple(list_obstacles(row)) if is_open else (),
        problem=get_problem(row),
        timeline=tuple(build_timeline_step(event) for event in events),
        approve=may_approve_write_request(person, row),
        may_withdraw=is_open and bool(may_withdraw_write_request(person, row)),
        may_end=is_live and bool(may_end_write_access(person, row)),
    )
    context = {"write_request": row, "details": details, "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/write_access/detail.html", context, status=status)


decide = build_decide_view(WRITE_REQUEST, done=DONE, render_detail=_render_detail)
end = build_end_view(
    WRITE_REQUEST,
    form_class=ReasonForm,
    template="portal/write_access/end.html",
    done=gettext_lazy("Ended. The role loses its write access now."),
)


def _request(person: Person, form: WriteRequestForm) -> WriteRequest | None:
    """None if the form has errors."""
    said = form.cleaned_data
    try:
        return request_write_access(
            acting_user=person,
            table_id=said["table"],
            principal=form.writers[said["principal"]],
            verbs=said["verbs"],
            purpose=said["purpose"],
            ends_at=form.ends_at,
            now=clock.now(),
        )
    except RefusedError as error:
        add_refusal(form, error, ends_at="ends_on")
        return None


@dataclass(frozen=True)
class WriteRequestRow:
    write_request: WriteRequest
    status: WriteRequestStatus

    @property
    def display_state(self) -> DisplayState:
        return WRITE_REQUEST_STATES[self.status]


@dataclass(frozen=True)
class WriteRequestDetails:
    """`verbs` with what each lets the role do; `obstacles` say why an open request can't be approved now."""

    row: WriteRequestRow
    effects_hash: str
    verbs: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    obstacles: tuple[str, ...]
    problem: str
    timeline: tuple[TimelineStep, ...]
    approve: Verdict
    may_withdraw: bool
    may_end: bool

    @property
    def is_open(self) -> bool:
        return self.row.write_request.state == DecisionState.WAITING


def _build_write_request_row(row: WriteRequest, now: datetime) -> WriteRequestRow:
    return WriteRequestRow(row, get_status(row, now))


def _list_events(row: WriteRequest) -> Iterator[TimelineEvent]:
    asked = _("%(name)s requested write access") % {"name": row.requested_by.name}
    yield TimelineEvent(row.requested_at, "asked", asked, row.purpose)
    if row.decided_by and row.decided_at:
        is_rejected = row.state == DecisionState.REJECTED
        yield build_decision_event(row.decided_by, row.decided_at, row.comment, is_rejected=is_rejected)
    if row.intent is not None:
        yield from build_timeline(row.intent)
    if row.ended_by and row.ended_at:
        yield build_end_event(row.ended_by, row.ended_at, row.end_reason)
