"""A schema update as its page shows it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.registrations.schema_updates.effects import compute_update_hash
from catalog.registrations.schema_updates.kind import SCHEMA_UPDATE
from catalog.registrations.schema_updates.may import may_decide_schema_update
from catalog.registrations.schema_updates.models import SchemaUpdate
from catalog.registrations.schema_updates.queries import find_governance_table
from decisions.states import DecisionState
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from kernel.verdicts import Verdict
from portal.decisions.declaration import show_status
from portal.pages.decisions import build_decision_event
from portal.products.schema_history import HistoryLine, build_history_line
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.display_states.vocabulary import DisplayState, State
from requests_app.product_retirement.plan import list_table_consumers


@dataclass(frozen=True)
class SchemaUpdateRow:
    """An update with its `table_intent`."""

    update: SchemaUpdate

    @property
    def is_done(self) -> bool:
        """Whether the table has these columns by proof, or had them until a later update."""
        intent = self.update.table_intent
        return intent is not None and (intent.ended_at is not None or intent.is_proven)

    @property
    def display_state(self) -> DisplayState:
        return DisplayState(State.ACTIVE) if self.is_done else show_status(SCHEMA_UPDATE, self.update.state)


@dataclass(frozen=True)
class SchemaUpdateDetails:
    """`consumers` are told when it is approved; `approve` says whether the person may, and else why not."""

    row: SchemaUpdateRow
    lines: tuple[HistoryLine, ...]
    effects_hash: str
    consumers: tuple[Person, ...]
    timeline: tuple[TimelineStep, ...]
    approve: Verdict
    problem: str


def build_schema_update_details(person: Person, update: SchemaUpdate) -> SchemaUpdateDetails:
    table = find_governance_table(update.registration)
    source = str(update.source)
    events = [TimelineEvent(update.requested_at, "asked", _("Found in the producer's catalog"), source)]
    if update.decided_at and update.decided_by:
        is_rejected = update.state == DecisionState.REJECTED
        decided = build_decision_event(
            update.decided_by, update.decided_at, update.comment, is_rejected=is_rejected
        )
        events.append(decided)
    elif update.decided_at:
        text = _("Applied automatically, because no query breaks")
        events.append(TimelineEvent(update.decided_at, "decided", text, update.comment))
    if update.table_intent is not None:
        events += build_timeline(update.table_intent)
    return SchemaUpdateDetails(
        row=SchemaUpdateRow(update),
        lines=tuple(map(build_history_line, update.changes)),
        effects_hash=compute_update_hash(update),
        consumers=tuple(list_table_consumers(table)) if table else (),
        timeline=tuple(map(build_timeline_step, sorted(events, key=lambda event: event.at))),
        approve=may_decide_schema_update(person, update),
        problem=update.table_intent.failure if update.table_intent else "",
    )
