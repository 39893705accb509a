"""Which state a thing is in, from plain facts: in each table the first row that fits counts.

docs/states.md is made from these tables. Internal states come as their stored values, so that nothing here needs a row.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fulfilment.intents.failures import REFUSED, REPLACED, UNREADABLE
from requests_app.display_states.vocabulary import DisplayState, Reason, State

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Row(Generic[Facts]):
    """`when` is the condition in words, for the documentation."""

    when: str
    fits: Callable[[Facts], bool]
    state: State
    reason: Reason = Reason.NONE

    @property
    def shown(self) -> DisplayState:
        return DisplayState(self.state, self.reason)


def first_fit(rows: Sequence[Row[Facts]], facts: Facts) -> DisplayState:
    """The last row of each table fits everything that the rows above leave."""
    return next(row.shown for row in rows if row.fits(facts))


def _otherwise(_facts: object) -> bool:
    return True


@dataclass(frozen=True)
class ItemFacts:
    """Of an item that is not approved; an approved one is in the state of its grant."""

    state: str
    is_answered: bool = True
    is_requester_active: bool = True
    is_agreed: bool = False


@dataclass(frozen=True)
class GrantFacts:
    """`presence` to `failure` are the seen half of its intent. `handing_on` is empty, or how far a grant to an account is
    from the local group that it was requested for.
    """

    presence: str
    is_proven: bool
    usable: bool | None = None
    failure: str = ""
    is_over: bool = False
    is_justified: bool = True
    is_reading_old: bool = False
    handing_on: Reason = Reason.NONE
    is_residual: bool = False
    other_access_remains: bool = False

    @property
    def is_refused(self) -> bool:
        return self.failure.startswith(REFUSED)

    @property
    def is_unreadable(self) -> bool:
        return self.presence == "unknown" and (not self.failure or self.failure.startswith(UNREADABLE))

    @property
    def is_drift(self) -> bool:
        """A difference that was found after a proof, and is being repaired."""
        is_found = self.presence == "unknown" and not self.is_unreadable
        return is_found and not self.failure.startswith(REPLACED)

    @property
    def is_there(self) -> bool:
        return self.presence == "present" and self.is_proven

    @property
    def is_gone(self) -> bool:
        return self.presence == "absent" and self.is_proven


ITEM: Sequence[Row[ItemFacts]] = (
    Row("returned to the requester", lambda one: one.state == "returned", State.NEEDS_ATTENTION, Reason.CHANGES_REQUESTED),
    Row("rejected", lambda one: one.state == "rejected", State.REJECTED),
    Row("withdrawn", lambda one: one.state == "withdrawn", State.WITHDRAWN),
    Row("submitted, and no domain answers for it", lambda one: not one.is_answered, State.NEEDS_ATTENTION, Reason.NO_OWNER),
    Row("submitted, and its requester is deactivated", lambda one: not one.is_requester_active, State.NEEDS_ATTENTION, Reason.REQUESTER_INACTIVE),
    Row("submitted, after a first approval", lambda one: one.is_agreed, State.WAITING_FOR_REVIEW, Reason.PARTLY_APPROVED),
    Row("submitted", _otherwise, State.WAITING_FOR_REVIEW),
)  # fmt: skip
LIVE_GRANT: Sequence[Row[GrantFacts]] = (
    Row("no decision justifies it", lambda one: not one.is_justified, State.FAILED, Reason.UNJUSTIFIED),
    Row("presence `stale`", lambda one: one.presence == "stale", State.NEEDS_ATTENTION, Reason.EFFECTS_CHANGED),
    Row("presence `hold`", lambda one: one.presence == "hold", State.NEEDS_ATTENTION, Reason.ON_HOLD),
    Row("presence `unknown`, as AWS could not be read", lambda one: one.is_unreadable, State.NOT_KNOWN, Reason.UNREADABLE),
    Row("proven, and the last reading is too old", lambda one: one.is_proven and one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    Row("AWS refused what it needs", lambda one: one.is_refused, State.FAILED, Reason.REFUSED_BY_AWS),
    Row("presence `unknown`, as a change was found in AWS", lambda one: one.is_drift, State.APPLYING, Reason.DRIFT_REPAIR),
    Row("not proven at this generation", lambda one: not one.is_there, State.APPLYING),
    Row("proven, and not usable", lambda one: one.usable is False, State.NEEDS_ATTENTION, Reason.NOT_USABLE),
    Row("proven, and its local group has no part of it", lambda one: one.handing_on == Reason.TO_BE_PASSED_ON, State.NEEDS_ATTENTION, Reason.TO_BE_PASSED_ON),
    Row("proven, and its local group's part is being written", lambda one: one.handing_on == Reason.PASSING_ON, State.APPLYING, Reason.PASSING_ON),
    Row("proven, and whether it is usable is not known", lambda one: one.usable is None, State.ACTIVE, Reason.USABILITY_NOT_KNOWN),
    Row("proven", _otherwise, State.ACTIVE),
)  # fmt: skip
ENDED_GRANT: Sequence[Row[GrantFacts]] = (
    Row("presence `absent`, proven, and issued credentials may still work", lambda one: one.is_gone and one.is_residual, State.ENDED, Reason.RESIDUAL_CREDENTIALS),
    Row("presence `absent`, proven, and the recipient reads by other access", lambda one: one.is_gone and one.other_access_remains, State.ENDED, Reason.OTHER_ACCESS_REMAINS),
    Row("presence `absent`, proven", lambda one: one.is_gone, State.ENDED),
    Row("presence `hold`", lambda one: one.presence == "hold", State.NEEDS_ATTENTION, Reason.REMOVAL_ON_HOLD),
    Row("presence `unknown`, as AWS could not be read", lambda one: one.is_unreadable, State.NOT_KNOWN, Reason.UNREADABLE),
    Row("AWS refused its removal", lambda one: one.is_refused, State.FAILED, Reason.REFUSED_BY_AWS),
    Row("not proven absent yet", _otherwise, State.ENDING),
)  # fmt: skip


def of_item(facts: ItemFacts) -> DisplayState:
    return first_fit(ITEM, facts)


def of_grant(facts: GrantFacts) -> DisplayState:
    return first_fit(ENDED_GRANT if facts.is_over else LIVE_GRANT, facts)


REQUEST = (
    State.FAILED, State.NEEDS_ATTENTION, State.NOT_KNOWN, State.WAITING_FOR_REVIEW, State.APPLYING, State.ENDING,
    State.ACTIVE, State.ENDED, State.REJECTED, State.WITHDRAWN,
)  # fmt: skip
"""The state of a request is the first of these that one of its items is in."""


def of_request(items: Iterable[DisplayState]) -> DisplayState:
    """`items` are never empty. The reason is the item's where every item of that state has the same."""
    found = list(items)
    state = next(state for state in REQUEST if any(one.state == state for one in found))
    reasons = {one.reason for one in found if one.state == state}
    return DisplayState(state, reasons.pop() if len(reasons) == 1 else Reason.NONE)


@dataclass(frozen=True)
class PermissionFacts:
    """`standing` is how it stands to our intents; `was_proven`: one of them was proven once."""

    standing: str
    is_reading_old: bool = False
    is_justified: bool = True
    is_known: bool = False
    was_proven: bool = False
    is_proven: bool = True
    is_being_removed: bool = False


PERMISSION: Sequence[Row[PermissionFacts]] = (
    Row("the reading is too old", lambda one: one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    Row("an intent without a decision", lambda one: not one.is_justified, State.FAILED, Reason.UNJUSTIFIED),
    Row("unmanaged, and its removal is ordered", lambda one: one.standing == "unmanaged" and one.is_being_removed, State.ENDING),
    Row("unmanaged, and marked as known", lambda one: one.standing == "unmanaged" and one.is_known, State.ACTIVE, Reason.KNOWN),
    Row("unmanaged", lambda one: one.standing == "unmanaged", State.NEEDS_ATTENTION, Reason.HELD_OUTSIDE),
    Row("missing, and proven once", lambda one: one.standing == "missing" and one.was_proven, State.NEEDS_ATTENTION, Reason.MISSING),
    Row("missing, and never proven", lambda one: one.standing == "missing", State.APPLYING),
    Row("ending", lambda one: one.standing == "ending", State.ENDING),
    Row("managed, and not proven yet", lambda one: not one.is_proven, State.APPLYING),
    Row("managed, and proven", _otherwise, State.ACTIVE),
)  # fmt: skip


def of_permission(facts: PermissionFacts) -> DisplayState:
    return first_fit(PERMISSION, facts)


@dataclass(frozen=True)
class FindingFacts:
    is_gone: bool = False
    is_known: bool = False
    is_being_repaired: bool = False
    is_justified: bool = True
    is_being_removed: bool = False


FINDING: Sequence[Row[FindingFacts]] = (
    Row("closed", lambda one: one.is_gone, State.ENDED),
    Row("an intent without a decision", lambda one: not one.is_justified, State.FAILED, Reason.UNJUSTIFIED),
    Row("its permission is being removed", lambda one: one.is_being_removed, State.ENDING),
    Row("marked as known", lambda one: one.is_known, State.ENDED, Reason.KNOWN),
    Row("being repaired", lambda one: one.is_being_repaired, State.APPLYING),
    Row("open", _otherwise, State.NEEDS_ATTENTION),
)


def of_finding(facts: FindingFacts) -> DisplayState:
    return first_fit(FINDING, facts)


@dataclass(frozen=True)
class RunFacts:
    """Of a sync run. `problems`: databases that it could not read."""

    outcome: str
    has_started: bool = True
    problems: int = 0


RUN: Sequence[Row[RunFacts]] = (
    Row("`running`, not started", lambda one: one.outcome == "running" and not one.has_started, State.APPLYING, Reason.QUEUED),
    Row("`running`", lambda one: one.outcome == "running", State.APPLYING),
    Row("`paused`", lambda one: one.outcome == "paused", State.NEEDS_ATTENTION, Reason.MANY_TABLES_MISSING),
    Row("`failed`", lambda one: one.outcome == "failed", State.FAILED),
    Row("`dropped`", lambda one: one.outcome == "dropped", State.ENDED, Reason.CANCELLED),
    Row("`done`, and databases could not be read", lambda one: one.problems > 0, State.NEEDS_ATTENTION, Reason.PARTLY_READ),
    Row("`done`", _otherwise, State.ENDED, Reason.SUCCEEDED),
)  # fmt: skip


def of_run(facts: RunFacts) -> DisplayState:
    return first_fit(RUN, facts)


@dataclass(frozen=True)
class CatalogFacts:
    """`run` is its last one, if any. `was_read`: some run succeeded."""

    run: RunFacts | None
    was_read: bool
    is_reading_old: bool = False


CATALOG: Sequence[Row[CatalogFacts]] = (
    Row("its last run is paused", lambda one: _is_last(one, "paused"), State.NEEDS_ATTENTION, Reason.MANY_TABLES_MISSING),
    Row("its last run failed", lambda one: _is_last(one, "failed"), State.FAILED),
    Row("never read", lambda one: not one.was_read, State.NOT_KNOWN, Reason.NEVER_READ),
    Row("its last success is too old", lambda one: one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    Row("its last run is running", lambda one: _is_last(one, "running"), State.APPLYING),
    Row("its last run left databases unread", lambda one: one.run is not None and one.run.problems > 0, State.NEEDS_ATTENTION, Reason.PARTLY_READ),
    Row("otherwise", _otherwise, State.ACTIVE),
)  # fmt: skip


def _is_last(one: CatalogFacts, outcome: str) -> bool:
    return one.run is not None and one.run.outcome == outcome


def of_catalog(facts: CatalogFacts) -> DisplayState:
    return first_fit(CATALOG, facts)


@dataclass(frozen=True)
class ScopeFacts:
    """Of a unit that the workers read: a catalog's permissions, or what is shared of it with one account. `unmanaged`:
    permissions held outside the portal that nobody marked as known.
    """

    is_silent: bool = False
    was_read: bool = True
    is_reading_old: bool = False
    failures: int = 0
    findings: int = 0
    holds: int = 0
    unmanaged: int = 0


SCOPE: Sequence[Row[ScopeFacts]] = (
    Row("its account does not answer", lambda one: one.is_silent, State.NOT_KNOWN, Reason.UNREADABLE),
    Row("never read", lambda one: not one.was_read, State.NOT_KNOWN, Reason.NEVER_READ),
    Row("the last complete reading is too old", lambda one: one.is_reading_old, State.NOT_KNOWN, Reason.READING_TOO_OLD),
    Row("its last rounds failed", lambda one: one.failures > 0, State.NEEDS_ATTENTION, Reason.ROUNDS_FAIL),
    Row("findings are open", lambda one: one.findings > 0, State.NEEDS_ATTENTION, Reason.OPEN_FINDINGS),
    Row("something is on hold", lambda one: one.holds > 0, State.NEEDS_ATTENTION, Reason.ON_HOLD),
    Row("permissions are held outside the portal", lambda one: one.unmanaged > 0, State.NEEDS_ATTENTION, Reason.HELD_OUTSIDE),
    Row("read, and nothing is open", _otherwise, State.ACTIVE),
)  # fmt: skip


def of_scope(facts: ScopeFacts) -> DisplayState:
    return first_fit(SCOPE, facts)


REVIEW_ITEM = {
    "kept": Reason.KEPT,
    "revoked": Reason.REVOKED,
    "defaulted": Reason.NOT_CONFIRMED,
    "ended": Reason.ENDED_OTHERWISE,
}


def of_review_item(state: str, grant: DisplayState) -> DisplayState:
    """Of an access review: an open one waits, any other is in the state of its grant."""
    if state == "open":
        return DisplayState(State.WAITING_FOR_REVIEW)
    return DisplayState(grant.state, REVIEW_ITEM[state])


@dataclass(frozen=True)
class BreakGlassFacts:
    """`is_late`: nobody confirmed it in time. `is_live`: some of it can be read with."""

    state: str
    is_late: bool = False
    is_live: bool = False


BREAK_GLASS: Sequence[Row[BreakGlassFacts]] = (
    Row("asked, and too late", lambda one: one.state == "asked" and one.is_late, State.ENDED, Reason.NOT_CONFIRMED_IN_TIME),
    Row("asked", lambda one: one.state == "asked", State.WAITING_FOR_REVIEW, Reason.SECOND_PERSON),
    Row("reviewed", lambda one: one.state == "reviewed", State.ENDED),
    Row("confirmed, and live: as its grants", lambda one: one.is_live, State.APPLYING),
    Row("confirmed, and over", _otherwise, State.NEEDS_ATTENTION, Reason.TO_BE_REVIEWED),
)  # fmt: skip


def of_break_glass(facts: BreakGlassFacts, grants: Sequence[DisplayState] = ()) -> DisplayState:
    """`grants` are those that it was given; a live one is in their state."""
    is_open = facts.state == "confirmed" and facts.is_live
    return of_request(grants) if is_open and grants else first_fit(BREAK_GLASS, facts)


STEP = {
    "planned": State.APPLYING,
    "sent": State.APPLYING,
    "done": State.ENDED,
    "skipped": State.ENDED,
    "partial": State.NEEDS_ATTENTION,
    "failed": State.FAILED,
    "unknown": State.NOT_KNOWN,
}
"""A step of a timeline is never active: only a proof is."""
EVENT = {
    "submit_request": DisplayState(State.WAITING_FOR_REVIEW),
    "submit_request_by_tags": DisplayState(State.WAITING_FOR_REVIEW),
    "submit_request_for_database": DisplayState(State.WAITING_FOR_REVIEW),
    "change_item": DisplayState(State.WAITING_FOR_REVIEW),
    "agree_to_item": DisplayState(State.WAITING_FOR_REVIEW, Reason.PARTLY_APPROVED),
    "remind_deciders": DisplayState(State.WAITING_FOR_REVIEW),
    "escalate_item": DisplayState(State.WAITING_FOR_REVIEW),
    "take_break_glass": DisplayState(State.WAITING_FOR_REVIEW, Reason.SECOND_PERSON),
    "return_item": DisplayState(State.NEEDS_ATTENTION, Reason.CHANGES_REQUESTED),
    "reject_item": DisplayState(State.REJECTED),
    "withdraw_item": DisplayState(State.WITHDRAWN),
    "approve_item": DisplayState(State.APPLYING),
    "approve_item_by_rule": DisplayState(State.APPLYING),
    "approve_item_under_offer": DisplayState(State.APPLYING),
    "confirm_break_glass": DisplayState(State.APPLYING),
    "proved_present": DisplayState(State.ACTIVE),
    "revoke_grant": DisplayState(State.ENDING),
    "expire_grant": DisplayState(State.ENDING),
    "end_break_glass": DisplayState(State.ENDING),
    "proved_absent": DisplayState(State.ENDED),
    "proved_stale": DisplayState(State.NEEDS_ATTENTION, Reason.EFFECTS_CHANGED),
    "hold_column": DisplayState(State.NEEDS_ATTENTION, Reason.ON_HOLD),
    "found_widening": DisplayState(State.NEEDS_ATTENTION),
    "fail_intent": DisplayState(State.FAILED, Reason.REFUSED_BY_AWS),
    "found_drift": DisplayState(State.APPLYING, Reason.DRIFT_REPAIR),
}
"""The state into which an event brought its subject, for mail and notifications; other events change none."""
MOMENT = {
    **STEP,
    "present": State.ACTIVE,
    "absent": State.ENDED,
    "drift": State.NEEDS_ATTENTION,
}
"""What a timeline tells of the engine: its steps, its proofs, and changes found in AWS."""
