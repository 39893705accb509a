"""Registrations: the list, the form, the page of one, and decisions on it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.crawler_runs import list_startable_crawlers
from catalog.products.may import list_edited_domains
from catalog.registrations.actions import except_registration, request_registration
from catalog.registrations.effects import (
    RegistrationCall,
    build_write_access,
    compute_effects_hash,
    preview_calls,
)
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.may import (
    may_approve_registration,
    may_end_registration,
    may_except_registration,
    may_withdraw_registration,
)
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_registration, get_status, list_problems, list_registrations
from catalog.registrations.schema_updates.queries import list_schema_updates
from catalog.registrations.sources import list_source_tables, read_source
from catalog.registrations.states import RegistrationStatus
from catalog.registrations.targets import list_engineers, list_governance_catalogs
from decisions.states import DecisionState
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from kernel.verdicts import Verdict
from lakeformation.access.table_access import WRITE_VERBS
from portal.crawler_runs.forms import CrawlerRunForm
from portal.decisions.views import build_decide_view, build_end_view
from portal.pages.decisions import build_decision_event, build_end_event
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, add_refusal
from portal.pages.pagination import build_pager, paginate_rows
from portal.pages.signed_in_person import get_signed_in_person
from portal.registrations.comparisons.presenters import ComparisonDetails, build_comparison_details
from portal.registrations.forms import EndForm, RegistrationForm
from portal.registrations.schema_updates.presenters import SchemaUpdateRow
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import REGISTRATION_STATES

MAX_UPDATES = 20
PAGE_SIZE, MAX_SOURCES = 50, 1000
OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Approved. The table is being created."),
    "reject": gettext_lazy("Rejected. Nothing changes."),
    "except": gettext_lazy("The location is approved. A data owner of the domain decides next."),
    "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    page = paginate_rows(list_registrations(person), PAGE_SIZE, request.GET.get("page"))
    context = {
        "rows": [_build_registration_row(one) for one in page],
        "may_request": list_edited_domains(person).exists(),
        "pager": build_pager(page),
    }
    return render(request, "portal/registrations/list.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    domains = list(list_edited_domains(person))
    if not domains:
        raise NotFoundError
    sources = list(list_source_tables(domains)[:MAX_SOURCES])
    # Filled in from the table of a producer's catalog that the query string names as `source`.
    chosen = next((one for one in sources if str(one.pk) == request.GET.get("source")), None)
    engineers = list({one.pk: one for domain in domains for one in list_engineers(domain)}.values())
    form = RegistrationForm(
        request.POST or None,
        domains=domains,
        catalogs=list_governance_catalogs(),
        engineers=engineers,
        source=read_source(chosen) if chosen else {},
    )
    if form.is_bound and form.is_valid() and (made := _request(person, form)):
        messages.success(request, _("Sent. A data owner of the domain decides."))
        return redirect("registration", made.pk)
    status = UNPROCESSABLE if form.is_bound else OK
    context = {
        "form": form,
        "sources": sources,
        "source": request.GET.get("source", ""),
        "crawler_form": CrawlerRunForm(None, list_startable_crawlers(person)),
    }
    return render(request, "portal/registrations/new.html", context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_registration(person, pk)
    context = {"registration": row, "details": _build_registration_details(person, row), "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/registrations/detail.html", context, status=status)


decide = build_decide_view(
    REGISTRATION, done=DONE, render_detail=_render_detail, others={"except": except_registration}
)
end = build_end_view(
    REGISTRATION,
    form_class=EndForm,
    template="portal/registrations/end.html",
    done=gettext_lazy("Ended. The engineers lose their write access now. The table stays."),
)


def _request(person: Person, form: RegistrationForm) -> Registration | None:
    """None if the form has errors."""
    try:
        return request_registration(acting_user=person, content=form.build_content(), now=clock.now())
    except RefusedError as error:
        add_refusal(form, error, producer="engineer")
        return None


@dataclass(frozen=True)
class RegistrationRow:
    registration: Registration
    status: RegistrationStatus

    @property
    def display_state(self) -> DisplayState:
        return REGISTRATION_STATES[self.status]


@dataclass(frozen=True)
class RegistrationDetails:
    """`calls` are to come, while it is not decided; `verdicts` say what the person may do and else why not."""

    row: RegistrationRow
    effects_hash: str
    verbs: tuple[str, ...]
    links: tuple[str, ...]
    calls: tuple[RegistrationCall, ...]
    problems: tuple[str, ...]
    timeline: tuple[TimelineStep, ...]
    approve: Verdict
    may_except: bool
    may_withdraw: bool
    may_end: bool
    comparison: ComparisonDetails
    schema_updates: tuple[SchemaUpdateRow, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.row.registration.state == DecisionState.WAITING

    @property
    def may_decide(self) -> bool:
        return bool(self.approve) or self.may_except


def _build_registration_row(registration: Registration) -> RegistrationRow:
    return RegistrationRow(registration, get_status(registration))


def _build_registration_details(person: Person, registration: Registration) -> RegistrationDetails:
    """Of one from `get_registration`."""
    is_open = registration.state == DecisionState.WAITING
    is_approved = registration.state == DecisionState.APPROVED
    access = build_write_access(registration)
    row = _build_registration_row(registration)
    events = sorted(_list_events(registration), key=lambda event: event.at)
    may_except = is_open and registration.awaits_exception
    return RegistrationDetails(
        row=row,
        effects_hash=compute_effects_hash(registration),
        verbs=WRITE_VERBS,
        links=tuple(link.display_name for link in access.links),
        calls=tuple(preview_calls(registration)) if is_open else (),
        problems=tuple(list_problems(registration)),
        timeline=tuple(build_timeline_step(event) for event in events),
        approve=may_approve_registration(person, registration),
        may_except=may_except and bool(may_except_registration(person, registration)),
        may_withdraw=is_open and bool(may_withdraw_registration(person, registration)),
        comparison=build_comparison_details(person, registration, row.status),
        schema_updates=tuple(
            SchemaUpdateRow(one)
            for one in list_schema_updates(person).filter(registration=registration)[:MAX_UPDATES]
        ),
        may_end=is_approved and bool(may_end_registration(person, registration)),
    )


def _list_events(row: Registration) -> Iterator[TimelineEvent]:
    asked = _("%(name)s requested the registration") % {"name": row.requested_by.name}
    yield TimelineEvent(row.requested_at, "asked", asked, row.purpose)
    if row.exception_by and row.exception_at:
        text = _("%(name)s approved the location") % {"name": row.exception_by.name}
        yield TimelineEvent(row.exception_at, "decided", text, row.exception_reason)
    if row.decided_by and row.decided_at:
        is_rejected = row.state == DecisionState.REJECTED
        yield build_decision_event(row.decided_by, row.decided_at, row.comment, is_rejected=is_rejected)
    for intent in (row.table_intent, row.write_intent):
        if intent is not None:
            yield from build_timeline(intent)
    if row.ended_by and row.ended_at:
        yield build_end_event(row.ended_by, row.ended_at, row.end_reason)
