"""Which state each internal state is shown as, and why: the first row that fits counts."""

from typing import Any

import pytest

from catalog.sync.models import SyncRun
from fulfilment.intents.failures import REFUSED, UNREADABLE
from fulfilment.intents.models import Intent
from fulfilment.ledger.lines import Standing
from fulfilment.rounds.models import Step
from requests_app.access_requests.states import ItemState
from requests_app.access_reviews.states import LineState
from requests_app.break_glass.states import BreakGlassState
from requests_app.display_states.rules import (
    EVENT_STATES,
    MOMENT_STATES,
    REQUEST_RULES,
    STEP_STATES,
    BreakGlassFacts,
    CatalogFacts,
    FindingFacts,
    GrantFacts,
    ItemFacts,
    PermissionFacts,
    RunFacts,
    get_break_glass_state,
    get_catalog_state,
    get_finding_state,
    get_grant_state,
    get_item_state,
    get_permission_state,
    get_request_state,
    get_review_item_state,
    get_run_state,
)
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.notifications.event_templates import EVENT_TEMPLATES


def told(shown: DisplayState) -> tuple[str, str]:
    return shown.state.value, shown.reason.value


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({"state": "submitted"}, "waiting_for_review", ""),
        ({"state": "submitted", "is_agreed": True}, "waiting_for_review", "partly_approved"),
        ({"state": "submitted", "is_answered": False, "is_agreed": True}, "needs_attention", "no_owner"),
        ({"state": "submitted", "is_requester_active": False}, "needs_attention", "requester_inactive"),
        ({"state": "returned", "is_answered": False}, "needs_attention", "changes_requested"),
        ({"state": "rejected"}, "rejected", ""),
        ({"state": "withdrawn"}, "withdrawn", ""),
    ],
)
def test_items(facts: dict[str, Any], state: str, reason: str) -> None:
    assert told(get_item_state(ItemFacts(**facts))) == (state, reason)


REFUSAL = f"{REFUSED} to grant SELECT"
THERE = {"presence": "present", "is_proven": True, "usable": True}


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (THERE, "active", ""),
        (THERE | {"usable": None}, "active", "usability_not_known"),
        (THERE | {"usable": False}, "needs_attention", "not_usable"),
        (THERE | {"is_reading_old": True}, "not_known", "reading_too_old"),
        (THERE | {"is_justified": False}, "failed", "unjustified"),
        (THERE | {"handing_on": Reason.TO_BE_PASSED_ON}, "needs_attention", "to_be_passed_on"),
        (THERE | {"handing_on": Reason.PASSING_ON}, "applying", "passing_on"),
        ({"presence": "unseen", "is_proven": False}, "applying", ""),
        ({"presence": "unseen", "is_proven": False, "failure": "Its data cells filter is not there yet."}, "applying", ""),
        ({"presence": "unseen", "is_proven": False, "failure": REFUSAL}, "failed", "refused_by_aws"),
        (THERE | {"is_proven": False}, "applying", ""),
        ({"presence": "absent", "is_proven": False}, "applying", ""),
        ({"presence": "stale", "is_proven": True, "failure": REFUSAL}, "needs_attention", "effects_changed"),
        ({"presence": "hold", "is_proven": False}, "needs_attention", "on_hold"),
        ({"presence": "unknown", "is_proven": False}, "not_known", "unreadable"),
        ({"presence": "unknown", "is_proven": False, "failure": f"{UNREADABLE}: denied"}, "not_known", "unreadable"),
        ({"presence": "unknown", "is_proven": False, "failure": "SELECT is gone; repairing it"}, "applying", "drift_repair"),
    ],
)  # fmt: skip
def test_live_grants(facts: dict[str, Any], state: str, reason: str) -> None:
    assert told(get_grant_state(GrantFacts(**facts))) == (state, reason)


GONE = {"presence": "absent", "is_proven": True, "is_over": True}


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (GONE, "ended", ""),
        (GONE | {"is_residual": True}, "ended", "residual_credentials"),
        (GONE | {"other_access_remains": True}, "ended", "other_access_remains"),
        (GONE | {"is_reading_old": True}, "ended", ""),
        (GONE | {"is_proven": False}, "ending", ""),
        (GONE | {"presence": "present"}, "ending", ""),
        (GONE | {"presence": "unseen"}, "ending", ""),
        (GONE | {"presence": "present", "failure": REFUSAL}, "failed", "refused_by_aws"),
        (GONE | {"presence": "present", "failure": "No answer from AWS yet"}, "ending", ""),
        (GONE | {"presence": "hold"}, "needs_attention", "removal_on_hold"),
        (GONE | {"presence": "unknown", "is_proven": False}, "not_known", "unreadable"),
    ],
)
def test_grants_that_are_over(facts: dict[str, Any], state: str, reason: str) -> None:
    assert told(get_grant_state(GrantFacts(**facts))) == (state, reason)


def test_a_request_is_in_the_first_state_of_its_items_that_matters() -> None:
    waits = DisplayState(State.WAITING_FOR_REVIEW, Reason.PARTLY_APPROVED)
    failed = DisplayState(State.FAILED, Reason.REFUSED_BY_AWS)
    assert told(get_request_state([DisplayState(State.ACTIVE), waits])) == (
        "waiting_for_review",
        "partly_approved",
    )
    assert told(get_request_state([waits, failed, DisplayState(State.FAILED)])) == ("failed", "")
    assert set(REQUEST_RULES) == set(State)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({"standing": "managed"}, "active", ""),
        ({"standing": "managed", "is_proven": False}, "applying", ""),
        ({"standing": "managed", "is_reading_old": True}, "not_known", "reading_too_old"),
        ({"standing": "managed", "is_justified": False}, "failed", "unjustified"),
        ({"standing": "unmanaged"}, "needs_attention", "held_outside"),
        ({"standing": "unmanaged", "is_known": True}, "active", "known"),
        ({"standing": "unmanaged", "is_being_removed": True}, "ending", ""),
        ({"standing": "missing"}, "applying", ""),
        ({"standing": "missing", "was_proven": True}, "needs_attention", "missing"),
        ({"standing": "ending"}, "ending", ""),
    ],
)
def test_permissions(facts: dict[str, Any], state: str, reason: str) -> None:
    assert told(get_permission_state(PermissionFacts(**facts))) == (state, reason)


def test_findings() -> None:
    assert told(get_finding_state(FindingFacts())) == ("needs_attention", "")
    assert told(get_finding_state(FindingFacts(is_being_repaired=True))) == ("applying", "")
    assert told(get_finding_state(FindingFacts(is_known=True))) == ("ended", "known")
    assert told(get_finding_state(FindingFacts(is_gone=True))) == ("ended", "")


@pytest.mark.parametrize(
    ("run", "state", "reason"),
    [
        (RunFacts("running", has_started=False), "applying", "queued"),
        (RunFacts("running"), "applying", ""),
        (RunFacts("paused"), "needs_attention", "many_tables_missing"),
        (RunFacts("failed"), "failed", ""),
        (RunFacts("done"), "ended", "succeeded"),
        (RunFacts("done", problems=1), "needs_attention", "partly_read"),
        (RunFacts("dropped"), "ended", "cancelled"),
    ],
)
def test_sync_runs(run: RunFacts, state: str, reason: str) -> None:
    assert told(get_run_state(run)) == (state, reason)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (CatalogFacts(None, was_read=False), "not_known", "never_read"),
        (CatalogFacts(RunFacts("running"), was_read=False), "not_known", "never_read"),
        (CatalogFacts(RunFacts("failed"), was_read=False), "failed", ""),
        (CatalogFacts(RunFacts("running"), was_read=True), "applying", ""),
        (CatalogFacts(RunFacts("done"), was_read=True), "active", ""),
        (CatalogFacts(RunFacts("done"), was_read=True, is_reading_old=True), "not_known", "reading_too_old"),
        (CatalogFacts(RunFacts("done", problems=2), was_read=True), "needs_attention", "partly_read"),
    ],
)
def test_catalogs(facts: CatalogFacts, state: str, reason: str) -> None:
    assert told(get_catalog_state(facts)) == (state, reason)


def test_items_of_an_access_review_are_in_the_state_of_their_grant_once_decided() -> None:
    active, ending = DisplayState(State.ACTIVE), DisplayState(State.ENDING)
    assert told(get_review_item_state("open", active)) == ("waiting_for_review", "")
    assert told(get_review_item_state("kept", active)) == ("active", "kept")
    assert told(get_review_item_state("defaulted", ending)) == ("ending", "not_confirmed")


def test_break_glass() -> None:
    active = [DisplayState(State.ACTIVE)]
    assert told(get_break_glass_state(BreakGlassFacts("asked"))) == ("waiting_for_review", "second_person")
    assert told(get_break_glass_state(BreakGlassFacts("asked", is_late=True))) == (
        "ended",
        "not_confirmed_in_time",
    )
    assert told(get_break_glass_state(BreakGlassFacts("confirmed", is_live=True), active)) == ("active", "")
    assert told(get_break_glass_state(BreakGlassFacts("confirmed"))) == ("needs_attention", "to_be_reviewed")
    assert told(get_break_glass_state(BreakGlassFacts("reviewed"))) == ("ended", "")


def test_no_step_of_a_timeline_is_active() -> None:
    assert State.ACTIVE not in STEP_STATES.values()
    assert [kind for kind, state in MOMENT_STATES.items() if state == State.ACTIVE] == ["present"]


def test_every_internal_state_is_shown_as_one() -> None:
    for outcome in SyncRun.Outcome:
        get_run_state(RunFacts(outcome.value))
    for standing in Standing:
        get_permission_state(PermissionFacts(standing.value))
    for presence in Intent.Presence:
        for is_over in (True, False):
            get_grant_state(GrantFacts(presence.value, is_proven=False, is_over=is_over))
    for line in LineState:
        get_review_item_state(line.value, DisplayState(State.ACTIVE))
    for item in set(ItemState) - {ItemState.APPROVED}:
        get_item_state(ItemFacts(item.value))
    for taken in BreakGlassState:
        get_break_glass_state(BreakGlassFacts(taken.value))
    assert set(STEP_STATES) == {one.value for one in Step.Outcome}


def test_states_in_mail_and_notifications_are_of_events_that_are_told() -> None:
    assert set(EVENT_STATES) <= set(EVENT_TEMPLATES)
    assert [verb for verb, shown in EVENT_STATES.items() if shown.state == State.ACTIVE] == ["proved_present"]
    assert [verb for verb, shown in EVENT_STATES.items() if shown.state == State.ENDED] == ["proved_absent"]
