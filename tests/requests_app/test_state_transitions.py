"""What is decided or has ended does not move; what was returned is submitted again before it is decided."""

import pytest

from requests_app.access_requests.states import ItemState, check_item_transition
from requests_app.access_reviews.states import (
    AccessReviewItemState,
    AccessReviewState,
    check_access_review_item_transition,
    check_access_review_transition,
)
from requests_app.break_glass.states import BreakGlassState, check_break_glass_transition
from requests_app.grants.states import GrantState, check_grant_transition
from requests_app.state_transitions import IllegalTransitionError


@pytest.mark.parametrize("target", ItemState)
@pytest.mark.parametrize("origin", [ItemState.APPROVED, ItemState.REJECTED, ItemState.WITHDRAWN])
def test_an_item_that_is_decided_or_withdrawn_does_not_move(origin: ItemState, target: ItemState) -> None:
    with pytest.raises(IllegalTransitionError):
        check_item_transition(origin, target)


@pytest.mark.parametrize("target", [ItemState.APPROVED, ItemState.REJECTED, ItemState.RETURNED])
def test_a_returned_item_is_not_decided_before_it_is_submitted_again(target: ItemState) -> None:
    with pytest.raises(IllegalTransitionError):
        check_item_transition(ItemState.RETURNED, target)
    assert check_item_transition(ItemState.RETURNED, ItemState.SUBMITTED) == ItemState.SUBMITTED


@pytest.mark.parametrize("target", GrantState)
@pytest.mark.parametrize("origin", [GrantState.REVOKED, GrantState.EXPIRED])
def test_a_grant_that_has_ended_does_not_move(origin: GrantState, target: GrantState) -> None:
    with pytest.raises(IllegalTransitionError):
        check_grant_transition(origin, target)


@pytest.mark.parametrize("target", AccessReviewState)
@pytest.mark.parametrize("origin", [AccessReviewState.CLOSED, AccessReviewState.CANCELLED])
def test_an_access_review_that_is_over_does_not_move(
    origin: AccessReviewState, target: AccessReviewState
) -> None:
    with pytest.raises(IllegalTransitionError):
        check_access_review_transition(origin, target)


def test_a_kept_grant_can_still_be_revoked_and_a_revoked_one_not_kept() -> None:
    kept, revoked = AccessReviewItemState.KEPT, AccessReviewItemState.REVOKED
    assert check_access_review_item_transition(kept, revoked) == revoked
    with pytest.raises(IllegalTransitionError):
        check_access_review_item_transition(revoked, kept)


def test_a_break_glass_session_is_reviewed_only_when_it_was_confirmed() -> None:
    with pytest.raises(IllegalTransitionError):
        check_break_glass_transition(BreakGlassState.REQUESTED, BreakGlassState.REVIEWED)
    with pytest.raises(IllegalTransitionError):
        check_break_glass_transition(BreakGlassState.REVIEWED, BreakGlassState.CONFIRMED)
