"""A registration as its page shows it: effects, calls to come, what happened, and what the person may do."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.registrations.effects import (
    RegistrationCall,
    build_write_access,
    compute_effects_hash,
    preview_calls,
)
from catalog.registrations.may import (
    may_approve_registration,
    may_end_registration,
    may_except_registration,
    may_withdraw_registration,
)
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_status, list_problems
from catalog.registrations.schema_updates.queries import list_schema_updates
from catalog.registrations.states import RegistrationState, RegistrationStatus
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from kernel.verdicts import Verdict
from lakeformation.access.write_access import WRITE_VERBS
from portal.pages.decisions import build_decision_event, build_end_event
from portal.registrations.comparisons.presenters import ComparisonDetails, build_comparison_details
from portal.registrations.schema_updates.presenters import SchemaUpdateRow
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import REGISTRATION_STATES

MAX_UPDATES = 20


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
        return self.row.registration.state == RegistrationState.REQUESTED

    @property
    def may_decide(self) -> bool:
        return bool(self.approve) or self.may_except


def build_registration_row(registration: Registration) -> RegistrationRow:
    return RegistrationRow(registration, get_status(registration))


def build_registration_details(person: Person, registration: Registration) -> RegistrationDetails:
    """Of one from `get_registration`."""
    is_open = registration.state == RegistrationState.REQUESTED
    is_approved = registration.state == RegistrationState.APPROVED
    access = build_write_access(registration)
    row = build_registration_row(registration)
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
        is_rejected = row.state == RegistrationState.REJECTED
        yield build_decision_event(row.decided_by, row.decided_at, row.comment, is_rejected=is_rejected)
    for intent in (row.table_intent, row.write_intent):
        if intent is not None:
            yield from build_timeline(intent)
    if row.ended_by and row.ended_at:
        yield build_end_event(row.ended_by, row.ended_at, row.end_reason)
