"""Which state a thing is in, from plain facts: in each table the first row that fits counts.

docs/states.md is made from these tables. Internal states come as their stored values, so that nothing here needs a row.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fulfilment.intents.failures import REFUSED, REPLACED, UNREADABLE
from lakeformation.planning.changes import LINK_NAME_TAKEN
from requests_app.display_states.vocabulary import DisplayState, Reason, State

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class StateRule(Generic[Facts]):
    """`when` is the condition in words, for the documentation."""

    when: str
    matches: Callable[[Facts], bool]
    state: State
    reason: Reason = Reason.NONE

    @property
    def display_state(self) -> DisplayState:
        return DisplayState(self.state, self.reason)


def find_display_state(rows: Sequence[StateRule[Facts]], facts: Facts) -> DisplayState:
    """The last row of each table fits everything that the rows above leave."""
    return next(row.display_state for row in rows if row.matches(facts))


def _is_always(_facts: object) -> bool:
    return True


@dataclass(frozen=True)
class ItemFacts:
    """The facts of an item that is not approved; an approved one is in the state of its grant."""

    state: str
    has_owner: bool = True
    is_requester_active: bool = True
    is_partly_approved: bool = False


@dataclass(frozen=True)
class GrantFacts:
    """`presence` to `failure` are the seen half of its intent. `subgrant_reason`: NONE, or how far a grant to
    an account is from the local group that it was requested for.
    """

    presence: str
    is_proven: bool
    usable: bool | None = None
    failure: str = ""
    has_ended: bool = False
    is_justified: bool = True
    is_reading_old: bool = False
    subgrant_reason: Reason = Reason.NONE
    is_residual: bool = False
    other_access_remains: bool = False

    @property
    def is_refused(self) -> bool:
        return self.failure.startswith(REFUSED)

    @property
    def is_link_name_taken(self) -> bool:
        return self.failure.startswith(LINK_NAME_TAKEN)

    @property
    def is_unreadable(self) -> bool:
        return self.presence == "unknown" and (not self.failure or self.failure.startswith(UNREADABLE))

    @property
    def is_drift_repair(self) -> bool:
        """A difference that was found after a proof, and is being repaired."""
        is_found = self.presence == "unknown" and not self.is_unreadable
        return is_found and not self.failure.startswith(REPLACED)

    @property
    def is_proven_present(self) -> bool:
        return self.presence == "present" and self.is_proven

    @property
    def is_proven_absent(self) -> bool:
        return self.presence == "absent" and self.is_proven


ITEM_RULES: Sequence[StateRule[ItemFacts]] = (
    StateRule("returned to the requester", lambda one: one.state == "returned", State.NEEDS_ATTENTION, Reason.CHANGES_REQUESTED),
    StateRule("rejected", lambda one: one.state == "rejected", State.REJECTED),
    StateRule("withdrawn", lambda one: one.state == "withdrawn", State.WITHDRAWN),
    StateRule("submitted, and no domain answers for it", lambda one: not one.has_owner, State.NEEDS_ATTENTION, Reason.NO_OWNER),
    StateRule("submitted, and its requester is deactivated", lambda one: not one.is_requester_active, State.NEEDS_ATTENTION, Reason.REQUESTER_INACTIVE),
    StateRule("submitted, after a first approval", lambda one: one.is_partly_approved, State.WAITING_FOR_REVIEW, Reason.PARTLY_APPROVED),
    StateRule("submitted", _is_always, State.WAITING_FOR_REVIEW),
)  # fmt: skip
LIVE_GRANT_RULES: Sequence[StateRule[GrantFacts]] = (
    StateRule("no decision justifies it", lambda one: not one.is_justified, State.FAILED, Reason.UNJUSTIFIED),
    StateRule("presence `stale`, proven", lambda one: one.presence == "stale" and one.is_proven, State.NEEDS_ATTENTION, Reason.EFFECTS_CHANGED),
    StateRule("presence `hold`", lambda one: one.presence == "hold", State.NEEDS_ATTENTION, Reason.ON_HOLD),
    StateRule("presence `unknown`, as AWS could not be read", lambda one: one.is_unreadable, State.NOT_KNOWN, Reason.UNREADABLE),
    StateRule("proven, and the last reading is too old", lambda one: one.is_proven and one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    StateRule("AWS refused what it needs", lambda one: one.is_refused, State.FAILED, Reason.REFUSED_BY_AWS),
    StateRule("the name of its resource link is taken", lambda one: one.is_link_name_taken, State.NEEDS_ATTENTION, Reason.LINK_NAME_TAKEN),
    StateRule("presence `unknown`, as a change was found in AWS", lambda one: one.is_drift_repair, State.APPLYING, Reason.DRIFT_REPAIR),
    StateRule("not proven at this generation", lambda one: not one.is_proven_present, State.APPLYING),
    StateRule("proven, and not usable", lambda one: one.usable is False, State.NEEDS_ATTENTION, Reason.NOT_USABLE),
    StateRule("proven, and its local group has no part of it", lambda one: one.subgrant_reason == Reason.TO_BE_PASSED_ON, State.NEEDS_ATTENTION, Reason.TO_BE_PASSED_ON),
    StateRule("proven, and its local group's part is being written", lambda one: one.subgrant_reason == Reason.PASSING_ON, State.APPLYING, Reason.PASSING_ON),
    StateRule("proven, and whether it is usable is not known", lambda one: one.usable is None, State.ACTIVE, Reason.USABILITY_NOT_KNOWN),
    StateRule("proven", _is_always, State.ACTIVE),
)  # fmt: skip
ENDED_GRANT_RULES: Sequence[StateRule[GrantFacts]] = (
    StateRule("presence `absent`, proven, and issued credentials may still work", lambda one: one.is_proven_absent and one.is_residual, State.ENDED, Reason.RESIDUAL_CREDENTIALS),
    StateRule("presence `absent`, proven, and the recipient reads by other access", lambda one: one.is_proven_absent and one.other_access_remains, State.ENDED, Reason.OTHER_ACCESS_REMAINS),
    StateRule("presence `absent`, proven", lambda one: one.is_proven_absent, State.ENDED),
    StateRule("presence `hold`", lambda one: one.presence == "hold", State.NEEDS_ATTENTION, Reason.REMOVAL_ON_HOLD),
    StateRule("presence `unknown`, as AWS could not be read", lambda one: one.is_unreadable, State.NOT_KNOWN, Reason.UNREADABLE),
    StateRule("AWS refused its removal", lambda one: one.is_refused, State.FAILED, Reason.REFUSED_BY_AWS),
    StateRule("not proven absent yet", _is_always, State.ENDING),
)  # fmt: skip


def get_item_state(facts: ItemFacts) -> DisplayState:
    return find_display_state(ITEM_RULES, facts)


def get_grant_state(facts: GrantFacts) -> DisplayState:
    return find_display_state(ENDED_GRANT_RULES if facts.has_ended else LIVE_GRANT_RULES, facts)


REQUEST_RULES = (
    State.FAILED, State.NEEDS_ATTENTION, State.NOT_KNOWN, State.WAITING_FOR_REVIEW, State.APPLYING, State.ENDING,
    State.ACTIVE, State.ENDED, State.REJECTED, State.WITHDRAWN,
)  # fmt: skip
"""The state of a request is the first of these that one of its items is in."""


def get_request_state(items: Iterable[DisplayState]) -> DisplayState:
    """`items` are never empty. The reason is the item's where every item of that state has the same."""
    found = list(items)
    state = next(state for state in REQUEST_RULES if any(one.state == state for one in found))
    reasons = {one.reason for one in found if one.state == state}
    return DisplayState(state, reasons.pop() if len(reasons) == 1 else Reason.NONE)


@dataclass(frozen=True)
class PermissionFacts:
    """`status` says whether our intents justify it; `was_proven`: one of them was proven once."""

    status: str
    is_reading_old: bool = False
    is_justified: bool = True
    is_acknowledged: bool = False
    was_proven: bool = False
    is_proven: bool = True
    is_being_removed: bool = False


PERMISSION_RULES: Sequence[StateRule[PermissionFacts]] = (
    StateRule("the reading is too old", lambda one: one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    StateRule("an intent without a decision", lambda one: not one.is_justified, State.FAILED, Reason.UNJUSTIFIED),
    StateRule("unmanaged, and its removal is ordered", lambda one: one.status == "unmanaged" and one.is_being_removed, State.ENDING),
    StateRule("unmanaged, and marked as known", lambda one: one.status == "unmanaged" and one.is_acknowledged, State.ACTIVE, Reason.KNOWN),
    StateRule("unmanaged", lambda one: one.status == "unmanaged", State.NEEDS_ATTENTION, Reason.HELD_OUTSIDE),
    StateRule("missing, and proven once", lambda one: one.status == "missing" and one.was_proven, State.NEEDS_ATTENTION, Reason.MISSING),
    StateRule("missing, and never proven", lambda one: one.status == "missing", State.APPLYING),
    StateRule("ending", lambda one: one.status == "ending", State.ENDING),
    StateRule("managed, and not proven yet", lambda one: not one.is_proven, State.APPLYING),
    StateRule("managed, and proven", _is_always, State.ACTIVE),
)  # fmt: skip


def get_permission_state(facts: PermissionFacts) -> DisplayState:
    return find_display_state(PERMISSION_RULES, facts)


@dataclass(frozen=True)
class DriftFindingFacts:
    is_closed: bool = False
    is_acknowledged: bool = False
    is_being_repaired: bool = False
    is_justified: bool = True
    is_being_removed: bool = False


DRIFT_FINDING_RULES: Sequence[StateRule[DriftFindingFacts]] = (
    StateRule("closed", lambda one: one.is_closed, State.ENDED),
    StateRule(
        "an intent without a decision", lambda one: not one.is_justified, State.FAILED, Reason.UNJUSTIFIED
    ),
    StateRule("its permission is being removed", lambda one: one.is_being_removed, State.ENDING),
    StateRule("marked as known", lambda one: one.is_acknowledged, State.ENDED, Reason.KNOWN),
    StateRule("being repaired", lambda one: one.is_being_repaired, State.APPLYING),
    StateRule("open", _is_always, State.NEEDS_ATTENTION),
)


def get_drift_finding_state(facts: DriftFindingFacts) -> DisplayState:
    return find_display_state(DRIFT_FINDING_RULES, facts)


@dataclass(frozen=True)
class SyncRunFacts:
    """The facts of a sync run. `problem_count`: databases that it could not read."""

    outcome: str
    has_started: bool = True
    problem_count: int = 0


SYNC_RUN_RULES: Sequence[StateRule[SyncRunFacts]] = (
    StateRule("`running`, not started", lambda one: one.outcome == "running" and not one.has_started, State.APPLYING, Reason.QUEUED),
    StateRule("`running`", lambda one: one.outcome == "running", State.APPLYING),
    StateRule("`paused`", lambda one: one.outcome == "paused", State.NEEDS_ATTENTION, Reason.MANY_TABLES_MISSING),
    StateRule("`failed`", lambda one: one.outcome == "failed", State.FAILED),
    StateRule("`dropped`", lambda one: one.outcome == "dropped", State.ENDED, Reason.CANCELLED),
    StateRule("`done`, and databases could not be read", lambda one: one.problem_count > 0, State.NEEDS_ATTENTION, Reason.PARTLY_READ),
    StateRule("`done`", _is_always, State.ENDED, Reason.SUCCEEDED),
)  # fmt: skip


def get_sync_run_state(facts: SyncRunFacts) -> DisplayState:
    return find_display_state(SYNC_RUN_RULES, facts)


@dataclass(frozen=True)
class CatalogFacts:
    """`last_run` is None before the first. `was_read`: some run succeeded."""

    last_run: SyncRunFacts | None
    was_read: bool
    is_reading_old: bool = False


CATALOG_RULES: Sequence[StateRule[CatalogFacts]] = (
    StateRule("its last run is paused", lambda one: _is_last_run(one, "paused"), State.NEEDS_ATTENTION, Reason.MANY_TABLES_MISSING),
    StateRule("its last run failed", lambda one: _is_last_run(one, "failed"), State.FAILED),
    StateRule("never read", lambda one: not one.was_read, State.NOT_KNOWN, Reason.NEVER_READ),
    StateRule("its last success is too old", lambda one: one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    StateRule("its last run is running", lambda one: _is_last_run(one, "running"), State.APPLYING),
    StateRule("its last run left databases unread", lambda one: one.last_run is not None and one.last_run.problem_count > 0, State.NEEDS_ATTENTION, Reason.PARTLY_READ),
    StateRule("otherwise", _is_always, State.ACTIVE),
)  # fmt: skip


def _is_last_run(one: CatalogFacts, outcome: str) -> bool:
    return one.last_run is not None and one.last_run.outcome == outcome


def get_catalog_state(facts: CatalogFacts) -> DisplayState:
    return find_display_state(CATALOG_RULES, facts)


@dataclass(frozen=True)
class ScopeFacts:
    """The facts of a unit that the workers read: a catalog's permissions, or what is shared of it with one account.
    `unmanaged_count`: permissions held outside the portal that nobody marked as known.
    """

    has_account_outage: bool = False
    was_read: bool = True
    is_reading_old: bool = False
    failure_count: int = 0
    finding_count: int = 0
    hold_count: int = 0
    unmanaged_count: int = 0


SCOPE_RULES: Sequence[StateRule[ScopeFacts]] = (
    StateRule("its account does not answer", lambda one: one.has_account_outage, State.NOT_KNOWN, Reason.UNREADABLE),
    StateRule("never read", lambda one: not one.was_read, State.NOT_KNOWN, Reason.NEVER_READ),
    StateRule("the last complete reading is too old", lambda one: one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    StateRule("its last rounds failed", lambda one: one.failure_count > 0, State.NEEDS_ATTENTION, Reason.ROUNDS_FAIL),
    StateRule("findings are open", lambda one: one.finding_count > 0, State.NEEDS_ATTENTION, Reason.OPEN_FINDINGS),
    StateRule("something is on hold", lambda one: one.hold_count > 0, State.NEEDS_ATTENTION, Reason.ON_HOLD),
    StateRule("permissions are held outside the portal", lambda one: one.unmanaged_count > 0, State.NEEDS_ATTENTION, Reason.HELD_OUTSIDE),
    StateRule("read, and nothing is open", _is_always, State.ACTIVE),
)  # fmt: skip


def get_scope_state(facts: ScopeFacts) -> DisplayState:
    return find_display_state(SCOPE_RULES, facts)


ACCESS_REVIEW_ITEM_REASONS = {
    "kept": Reason.KEPT,
    "revoked": Reason.REVOKED,
    "defaulted": Reason.NOT_CONFIRMED,
    "ended": Reason.ENDED_OTHERWISE,
}


def get_access_review_item_state(state: str, grant: DisplayState) -> DisplayState:
    """The item of an open access review waits; any other is in the state of its grant."""
    if state == "open":
        return DisplayState(State.WAITING_FOR_REVIEW)
    return DisplayState(grant.state, ACCESS_REVIEW_ITEM_REASONS[state])


@dataclass(frozen=True)
class BreakGlassFacts:
    """`is_late`: nobody confirmed it in time. `is_live`: it has a live grant."""

    state: str
    is_late: bool = False
    is_live: bool = False


BREAK_GLASS_RULES: Sequence[StateRule[BreakGlassFacts]] = (
    StateRule("asked, and too late", lambda one: one.state == "asked" and one.is_late, State.ENDED, Reason.NOT_CONFIRMED_IN_TIME),
    StateRule("asked", lambda one: one.state == "asked", State.WAITING_FOR_REVIEW, Reason.SECOND_PERSON),
    StateRule("reviewed", lambda one: one.state == "reviewed", State.ENDED),
    StateRule("confirmed, and live: as its grants", lambda one: one.is_live, State.APPLYING),
    StateRule("confirmed, and over", _is_always, State.NEEDS_ATTENTION, Reason.TO_BE_REVIEWED),
)  # fmt: skip


def get_break_glass_state(facts: BreakGlassFacts, grants: Sequence[DisplayState] = ()) -> DisplayState:
    """`grants` are the states of its live grants, from which that of a live session follows."""
    is_open = facts.state == "confirmed" and facts.is_live
    return get_request_state(grants) if is_open and grants else find_display_state(BREAK_GLASS_RULES, facts)


STEP_STATES = {
    "planned": State.APPLYING,
    "sent": State.APPLYING,
    "done": State.ENDED,
    "skipped": State.ENDED,
    "partial": State.NEEDS_ATTENTION,
    "failed": State.FAILED,
    "unknown": State.NOT_KNOWN,
}
"""A step of a timeline is never active: only a proof is."""
EVENT_STATES = {
    "submit_access_request": DisplayState(State.WAITING_FOR_REVIEW),
    "submit_access_request_by_tags": DisplayState(State.WAITING_FOR_REVIEW),
    "submit_access_request_for_database": DisplayState(State.WAITING_FOR_REVIEW),
    "resubmit_item": DisplayState(State.WAITING_FOR_REVIEW),
    "agree_to_item": DisplayState(State.WAITING_FOR_REVIEW, Reason.PARTLY_APPROVED),
    "remind_deciders": DisplayState(State.WAITING_FOR_REVIEW),
    "escalate_item": DisplayState(State.WAITING_FOR_REVIEW),
    "open_break_glass_session": DisplayState(State.WAITING_FOR_REVIEW, Reason.SECOND_PERSON),
    "request_changes": DisplayState(State.NEEDS_ATTENTION, Reason.CHANGES_REQUESTED),
    "reject_item": DisplayState(State.REJECTED),
    "withdraw_item": DisplayState(State.WITHDRAWN),
    "approve_item": DisplayState(State.APPLYING),
    "approve_item_by_policy": DisplayState(State.APPLYING),
    "approve_item_under_offer": DisplayState(State.APPLYING),
    "confirm_break_glass_session": DisplayState(State.APPLYING),
    "proved_present": DisplayState(State.ACTIVE),
    "revoke_grant": DisplayState(State.ENDING),
    "expire_grant": DisplayState(State.ENDING),
    "end_break_glass_session": DisplayState(State.ENDING),
    "proved_absent": DisplayState(State.ENDED),
    "proved_stale": DisplayState(State.NEEDS_ATTENTION, Reason.EFFECTS_CHANGED),
    "hold_column": DisplayState(State.NEEDS_ATTENTION, Reason.ON_HOLD),
    "found_widening": DisplayState(State.NEEDS_ATTENTION),
    "fail_intent": DisplayState(State.FAILED, Reason.REFUSED_BY_AWS),
    "found_drift": DisplayState(State.APPLYING, Reason.DRIFT_REPAIR),
}
"""The state into which an event brought its subject, for mail and notifications; other events change none."""
TIMELINE_STATES = {
    **STEP_STATES,
    "present": State.ACTIVE,
    "absent": State.ENDED,
    "drift": State.NEEDS_ATTENTION,
}
"""What a timeline tells of the engine: its steps, its proofs, and changes found in AWS."""
