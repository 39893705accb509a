"""Which state each internal state is shown as, and why: the first row that fits counts."""

from typing import Any

import pytest

from catalog.sync.models import SyncRun
from fulfilment.intents.failures import REFUSED, UNREADABLE
from fulfilment.intents.models import Intent
from fulfilment.permissions.catalog_permissions import PermissionStatus
from fulfilment.rounds import Step
from lakeformation.planning.changes import LINK_NAME_TAKEN
from requests_app.access_requests.states import ItemState
from requests_app.access_reviews.states import AccessReviewItemState
from requests_app.break_glass.states import BreakGlassState
from requests_app.display_states.rules import (
    EVENT_STATES,
    REQUEST_RULES,
    STEP_STATES,
    TIMELINE_STATES,
    BreakGlassFacts,
    CatalogFacts,
    DriftFindingFacts,
    GrantFacts,
    ItemFacts,
    PermissionFacts,
    SyncRunFacts,
    get_access_review_item_state,
    get_break_glass_state,
    get_catalog_state,
    get_drift_finding_state,
    get_grant_state,
    get_item_state,
    get_permission_state,
    get_request_state,
    get_sync_run_state,
)
from requests_app.display_states.vocabulary import DisplayState, Reason, State
from requests_app.notifications.event_templates import EVENT_TEMPLATES


def to_pair(shown: DisplayState) -> tuple[str, str]:
    return shown.state.value, shown.reason.value


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({"state": "submitted"}, "waiting_for_review", ""),
        ({"state": "submitted", "is_partly_approved": True}, "waiting_for_review", "partly_approved"),
        (
            {"state": "submitted", "has_owner": False, "is_partly_approved": True},
            "needs_attention",
            "no_owner",
        ),
        ({"state": "submitted", "is_requester_active": False}, "needs_attention", "requester_inactive"),
        ({"state": "returned", "has_owner": False}, "needs_attention", "changes_requested"),
        ({"state": "rejected"}, "rejected", ""),
        ({"state": "withdrawn"}, "withdrawn", ""),
    ],
)
def test_items(facts: dict[str, Any], state: str, reason: str) -> None:
    assert to_pair(get_item_state(ItemFacts(**facts))) == (state, reason)


REFUSAL = f"{REFUSED} to grant SELECT"
PRESENT_FACTS = {"presence": "present", "is_proven": True, "usable": True}


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (PRESENT_FACTS, "active", ""),
        (PRESENT_FACTS | {"usable": None}, "active", "usability_not_known"),
        (PRESENT_FACTS | {"usable": False}, "needs_attention", "not_usable"),
        (PRESENT_FACTS | {"is_reading_old": True}, "not_known", "reading_too_old"),
        (PRESENT_FACTS | {"is_justified": False}, "failed", "unjustified"),
        (PRESENT_FACTS | {"subgrant_reason": Reason.TO_BE_PASSED_ON}, "needs_attention", "to_be_passed_on"),
        (PRESENT_FACTS | {"subgrant_reason": Reason.PASSING_ON}, "applying", "passing_on"),
        ({"presence": "unseen", "is_proven": False}, "applying", ""),
        ({"presence": "unseen", "is_proven": False, "failure": "Its data cells filter is not there yet."}, "applying", ""),
        ({"presence": "unseen", "is_proven": False, "failure": REFUSAL}, "failed", "refused_by_aws"),
        ({"presence": "unseen", "is_proven": False, "failure": f"{LINK_NAME_TAKEN} gold is already taken"}, "needs_attention", "link_name_taken"),
        ({"presence": "unknown", "is_proven": False, "failure": f"{LINK_NAME_TAKEN} gold is already taken"}, "needs_attention", "link_name_taken"),
        (PRESENT_FACTS | {"is_proven": False}, "applying", ""),
        ({"presence": "absent", "is_proven": False}, "applying", ""),
        ({"presence": "stale", "is_proven": True, "failure": REFUSAL}, "needs_attention", "effects_changed"),
        ({"presence": "hold", "is_proven": False}, "needs_attention", "on_hold"),
        ({"presence": "unknown", "is_proven": False}, "not_known", "unreadable"),
        ({"presence": "unknown", "is_proven": False, "failure": f"{UNREADABLE}: denied"}, "not_known", "unreadable"),
        ({"presence": "unknown", "is_proven": False, "failure": "SELECT is gone; repairing it"}, "applying", "drift_repair"),
    ],
)  # fmt: skip
def test_live_grants(facts: dict[str, Any], state: str, reason: str) -> None:
    assert to_pair(get_grant_state(GrantFacts(**facts))) == (state, reason)


ABSENT_FACTS = {"presence": "absent", "is_proven": True, "has_ended": True}


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (ABSENT_FACTS, "ended", ""),
        (ABSENT_FACTS | {"is_residual": True}, "ended", "residual_credentials"),
        (ABSENT_FACTS | {"other_access_remains": True}, "ended", "other_access_remains"),
        (ABSENT_FACTS | {"is_reading_old": True}, "ended", ""),
        (ABSENT_FACTS | {"is_proven": False}, "ending", ""),
        (ABSENT_FACTS | {"presence": "present"}, "ending", ""),
        (ABSENT_FACTS | {"presence": "unseen"}, "ending", ""),
        (ABSENT_FACTS | {"presence": "present", "failure": REFUSAL}, "failed", "refused_by_aws"),
        (ABSENT_FACTS | {"presence": "present", "failure": "No answer from AWS yet"}, "ending", ""),
        (ABSENT_FACTS | {"presence": "hold"}, "needs_attention", "removal_on_hold"),
        (ABSENT_FACTS | {"presence": "unknown", "is_proven": False}, "not_known", "unreadable"),
    ],
)
def test_grants_that_are_over(facts: dict[str, Any], state: str, reason: str) -> None:
    assert to_pair(get_grant_state(GrantFacts(**facts))) == (state, reason)


def test_a_request_is_in_the_first_state_of_its_items_that_matters() -> None:
    waits = DisplayState(State.WAITING_FOR_REVIEW, Reason.PARTLY_APPROVED)
    failed = DisplayState(State.FAILED, Reason.REFUSED_BY_AWS)
    assert to_pair(get_request_state([DisplayState(State.ACTIVE), waits])) == (
        "waiting_for_review",
        "partly_approved",
    )
    assert to_pair(get_request_state([waits, failed, DisplayState(State.FAILED)])) == ("failed", "")
    assert set(REQUEST_RULES) == set(State)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({"status": "managed"}, "active", ""),
        ({"status": "managed", "is_proven": False}, "applying", ""),
        ({"status": "managed", "is_reading_old": True}, "not_known", "reading_too_old"),
        ({"status": "managed", "is_justified": False}, "failed", "unjustified"),
        ({"status": "unmanaged"}, "needs_attention", "held_outside"),
        ({"status": "unmanaged", "is_acknowledged": True}, "active", "known"),
        ({"status": "unmanaged", "is_being_removed": True}, "ending", ""),
        ({"status": "missing"}, "applying", ""),
        ({"status": "missing", "was_proven": True}, "needs_attention", "missing"),
        ({"status": "ending"}, "ending", ""),
    ],
)
def test_permissions(facts: dict[str, Any], state: str, reason: str) -> None:
    assert to_pair(get_permission_state(PermissionFacts(**facts))) == (state, reason)


def test_findings() -> None:
    assert to_pair(get_drift_finding_state(DriftFindingFacts())) == ("needs_attention", "")
    assert to_pair(get_drift_finding_state(DriftFindingFacts(is_being_repaired=True))) == ("applying", "")
    assert to_pair(get_drift_finding_state(DriftFindingFacts(is_acknowledged=True))) == ("ended", "known")
    assert to_pair(get_drift_finding_state(DriftFindingFacts(is_closed=True))) == ("ended", "")


@pytest.mark.parametrize(
    ("run", "state", "reason"),
    [
        (SyncRunFacts("running", has_started=False), "applying", "queued"),
        (SyncRunFacts("running"), "applying", ""),
        (SyncRunFacts("paused"), "needs_attention", "many_tables_missing"),
        (SyncRunFacts("failed"), "failed", ""),
        (SyncRunFacts("done"), "ended", "succeeded"),
        (SyncRunFacts("done", problem_count=1), "needs_attention", "partly_read"),
        (SyncRunFacts("dropped"), "ended", "cancelled"),
    ],
)
def test_sync_runs(run: SyncRunFacts, state: str, reason: str) -> None:
    assert to_pair(get_sync_run_state(run)) == (state, reason)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (CatalogFacts(None, was_read=False), "not_known", "never_read"),
        (CatalogFacts(SyncRunFacts("running"), was_read=False), "not_known", "never_read"),
        (CatalogFacts(SyncRunFacts("failed"), was_read=False), "failed", ""),
        (CatalogFacts(SyncRunFacts("running"), was_read=True), "applying", ""),
        (CatalogFacts(SyncRunFacts("done"), was_read=True), "active", ""),
        (
            CatalogFacts(SyncRunFacts("done"), was_read=True, is_reading_old=True),
            "not_known",
            "reading_too_old",
        ),
        (
            CatalogFacts(SyncRunFacts("done", problem_count=2), was_read=True),
            "needs_attention",
            "partly_read",
        ),
    ],
)
def test_catalogs(facts: CatalogFacts, state: str, reason: str) -> None:
    assert to_pair(get_catalog_state(facts)) == (state, reason)


def test_items_of_an_access_review_are_in_the_state_of_their_grant_once_decided() -> None:
    active, ending = DisplayState(State.ACTIVE), DisplayState(State.ENDING)
    assert to_pair(get_access_review_item_state("open", active)) == ("waiting_for_review", "")
    assert to_pair(get_access_review_item_state("kept", active)) == ("active", "kept")
    assert to_pair(get_access_review_item_state("defaulted", ending)) == ("ending", "not_confirmed")


def test_break_glass() -> None:
    active = [DisplayState(State.ACTIVE)]
    assert to_pair(get_break_glass_state(BreakGlassFacts("asked"))) == ("waiting_for_review", "second_person")
    assert to_pair(get_break_glass_state(BreakGlassFacts("asked", is_late=True))) == (
        "ended",
        "not_confirmed_in_time",
    )
    assert to_pair(get_break_glass_state(BreakGlassFacts("confirmed", is_live=True), active)) == (
        "active",
        "",
    )
    assert to_pair(get_break_glass_state(BreakGlassFacts("confirmed"))) == (
        "needs_attention",
        "to_be_reviewed",
    )
    assert to_pair(get_break_glass_state(BreakGlassFacts("reviewed"))) == ("ended", "")


def test_no_step_of_a_timeline_is_active() -> None:
    assert State.ACTIVE not in STEP_STATES.values()
    assert [kind for kind, state in TIMELINE_STATES.items() if state == State.ACTIVE] == ["present"]


def test_every_internal_state_is_shown_as_one() -> None:
    for outcome in SyncRun.Outcome:
        get_sync_run_state(SyncRunFacts(outcome.value))
    for standing in PermissionStatus:
        get_permission_state(PermissionFacts(standing.value))
    for presence in Intent.Presence:
        for is_over in (True, False):
            get_grant_state(GrantFacts(presence.value, is_proven=False, has_ended=is_over))
    for line in AccessReviewItemState:
        get_access_review_item_state(line.value, DisplayState(State.ACTIVE))
    for item in set(ItemState) - {ItemState.APPROVED}:
        get_item_state(ItemFacts(item.value))
    for taken in BreakGlassState:
        get_break_glass_state(BreakGlassFacts(taken.value))
    assert set(STEP_STATES) == {one.value for one in Step.Outcome}


def test_states_in_mail_and_notifications_are_of_events_that_are_told() -> None:
    assert set(EVENT_STATES) <= set(EVENT_TEMPLATES)
    assert [verb for verb, shown in EVENT_STATES.items() if shown.state == State.ACTIVE] == ["proved_present"]
    assert [verb for verb, shown in EVENT_STATES.items() if shown.state == State.ENDED] == ["proved_absent"]
