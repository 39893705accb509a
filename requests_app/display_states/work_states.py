"""The states that people see of decisions besides access requests, and of work that somebody started.

Keys are the values of each thing's own states.
"""

from collections.abc import Mapping

from requests_app.display_states.vocabulary import DisplayState, Reason, State

WAITING = DisplayState(State.WAITING_FOR_REVIEW)
REPLACED = DisplayState(State.ENDED, Reason.REPLACED)

RECREATED_TABLE_STATES: Mapping[str, DisplayState] = {
    "open": WAITING,
    "kept": DisplayState(State.ACTIVE, Reason.KEPT),
    "ended": DisplayState(State.ENDED),
    "lapsed": DisplayState(State.ENDED, Reason.ENDED_OTHERWISE),
}
PROBLEM_STATES: Mapping[str, DisplayState] = {
    "open": DisplayState(State.NEEDS_ATTENTION),
    "acknowledged": DisplayState(State.NEEDS_ATTENTION, Reason.ACKNOWLEDGED),
    "resolved": DisplayState(State.ENDED, Reason.RESOLVED),
}
CRAWLER_RUN_STATES: Mapping[str, DisplayState] = {
    "requested": DisplayState(State.APPLYING, Reason.QUEUED),
    "running": DisplayState(State.APPLYING),
    "succeeded": DisplayState(State.ENDED, Reason.SUCCEEDED),
    "failed": DisplayState(State.FAILED),
    "cancelled": DisplayState(State.ENDED, Reason.CANCELLED),
}
COMPARISON_STATES: Mapping[str, DisplayState] = {
    "waiting": DisplayState(State.APPLYING, Reason.QUEUED),
    "running": DisplayState(State.APPLYING),
    "same": DisplayState(State.ENDED, Reason.SUCCEEDED),
    "different": DisplayState(State.NEEDS_ATTENTION),
    "unknown": DisplayState(State.FAILED),
}
SCAN_STATES: Mapping[str, DisplayState] = {
    "waiting": DisplayState(State.APPLYING, Reason.QUEUED),
    "running": DisplayState(State.APPLYING),
    "done": DisplayState(State.ENDED, Reason.SUCCEEDED),
    "failed": DisplayState(State.FAILED),
}
FINDING_STATES: Mapping[str, DisplayState] = {
    "open": WAITING,
    "accepted": DisplayState(State.ACTIVE),
    "dismissed": DisplayState(State.REJECTED),
    "superseded": REPLACED,
}
