"""A write request as its page shows it: effects, what happened, and what the person may do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from kernel.verdicts import Verdict
from portal.pages.decisions import build_decision_event, build_end_event
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import WRITE_REQUEST_STATES
from requests_app.write_access.effects import build_write_access, compute_effects_hash, list_obstacles
from requests_app.write_access.may import (
    may_approve_write_request,
    may_end_write_access,
    may_withdraw_write_request,
)
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.queries import get_problem, get_status
from requests_app.write_access.states import WriteRequestState, WriteRequestStatus


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
        return self.row.write_request.state == WriteRequestState.REQUESTED


def build_write_request_row(row: WriteRequest, now: datetime) -> WriteRequestRow:
    return WriteRequestRow(row, get_status(row, now))


def build_write_request_details(person: Person, row: WriteRequest, now: datetime) -> WriteRequestDetails:
    """Of one from `get_write_request`."""
    is_open = row.state == WriteRequestState.REQUESTED
    is_live = row.state == WriteRequestState.APPROVED and row.ends_at > now
    events = sorted(_list_events(row), key=lambda event: event.at)
    return WriteRequestDetails(
        row=build_write_request_row(row, now),
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


def _list_events(row: WriteRequest) -> Iterator[TimelineEvent]:
    asked = _("%(name)s requested write access") % {"name": row.requested_by.name}
    yield TimelineEvent(row.requested_at, "asked", asked, row.purpose)
    if row.decided_by and row.decided_at:
        is_rejected = row.state == WriteRequestState.REJECTED
        yield build_decision_event(row.decided_by, row.decided_at, row.comment, is_rejected=is_rejected)
    if row.intent is not None:
        yield from build_timeline(row.intent)
    if row.ended_by and row.ended_at:
        yield build_end_event(row.ended_by, row.ended_at, row.end_reason)
