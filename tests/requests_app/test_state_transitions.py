"""What is decided or has ended does not move; what was returned is submitted again before it is decided."""

import pytest

from kernel.errors import IllegalTransitionError
from requests_app.access_requests.states import ITEM_TRANSITIONS, ItemState
from requests_app.access_reviews.states import (
    ACCESS_REVIEW_ITEM_TRANSITIONS,
    ACCESS_REVIEW_TRANSITIONS,
    AccessReviewItemState,
    AccessReviewState,
)
from requests_app.break_glass.states import BREAK_GLASS_TRANSITIONS, BreakGlassState
from requests_app.grants.states import GRANT_TRANSITIONS, GrantState


@pytest.mark.parametrize("target", ItemState)
@pytest.mark.parametrize("origin", [ItemState.APPROVED, ItemState.REJECTED, ItemState.WITHDRAWN])
def test_an_item_that_is_decided_or_withdrawn_does_not_move(origin: ItemState, target: ItemState) -> None:
    with pytest.raises(IllegalTransitionError):
        ITEM_TRANSITIONS.check(origin, target)


@pytest.mark.parametrize("target", [ItemState.APPROVED, ItemState.REJECTED, ItemState.RETURNED])
def test_a_returned_item_is_not_decided_before_it_is_submitted_again(target: ItemState) -> None:
    with pytest.raises(IllegalTransitionError):
        ITEM_TRANSITIONS.check(ItemState.RETURNED, target)
    assert ITEM_TRANSITIONS.check(ItemState.RETURNED, ItemState.SUBMITTED) == ItemState.SUBMITTED


@pytest.mark.parametrize("target", GrantState)
@pytest.mark.parametrize("origin", [GrantState.REVOKED, GrantState.EXPIRED])
def test_a_grant_that_has_ended_does_not_move(origin: GrantState, target: GrantState) -> None:
    with pytest.raises(IllegalTransitionError):
        GRANT_TRANSITIONS.check(origin, target)


@pytest.mark.parametrize("target", AccessReviewState)
@pytest.mark.parametrize("origin", [AccessReviewState.CLOSED, AccessReviewState.CANCELLED])
def test_an_access_review_that_is_over_does_not_move(
    origin: AccessReviewState, target: AccessReviewState
) -> None:
    with pytest.raises(IllegalTransitionError):
        ACCESS_REVIEW_TRANSITIONS.check(origin, target)


def test_a_kept_grant_can_still_be_revoked_and_a_revoked_one_not_kept() -> None:
    kept, revoked = AccessReviewItemState.KEPT, AccessReviewItemState.REVOKED
    assert ACCESS_REVIEW_ITEM_TRANSITIONS.check(kept, revoked) == revoked
    with pytest.raises(IllegalTransitionError):
        ACCESS_REVIEW_ITEM_TRANSITIONS.check(revoked, kept)


def test_a_break_glass_session_is_reviewed_only_when_it_was_confirmed() -> None:
    with pytest.raises(IllegalTransitionError):
        BREAK_GLASS_TRANSITIONS.check(BreakGlassState.REQUESTED, BreakGlassState.REVIEWED)
    with pytest.raises(IllegalTransitionError):
        BREAK_GLASS_TRANSITIONS.check(BreakGlassState.REVIEWED, BreakGlassState.CONFIRMED)
