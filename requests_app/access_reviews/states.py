"""The life cycles of an access review and of its items."""

from django.db.models import TextChoices

from requests_app.state_transitions import check_transition


class AccessReviewState(TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"
    CANCELLED = "called_off", "cancelled"


class AccessReviewItemState(TextChoices):
    OPEN = "open", "waiting for a decision"
    KEPT = "kept", "kept"
    REVOKED = "revoked", "revoked"
    DEFAULTED = "defaulted", "ended, not confirmed"
    ENDED = "ended", "ended otherwise"


ACCESS_REVIEW_TRANSITIONS: dict[AccessReviewState, frozenset[AccessReviewState]] = {
    AccessReviewState.OPEN: frozenset({AccessReviewState.CLOSED, AccessReviewState.CANCELLED}),
    AccessReviewState.CLOSED: frozenset(),
    AccessReviewState.CANCELLED: frozenset(),
}
ACCESS_REVIEW_ITEM_TRANSITIONS: dict[AccessReviewItemState, frozenset[AccessReviewItemState]] = {
    AccessReviewItemState.OPEN: frozenset(
        {
            AccessReviewItemState.KEPT,
            AccessReviewItemState.REVOKED,
            AccessReviewItemState.DEFAULTED,
            AccessReviewItemState.ENDED,
        }
    ),
    AccessReviewItemState.KEPT: frozenset({AccessReviewItemState.REVOKED}),
    AccessReviewItemState.REVOKED: frozenset(),
    AccessReviewItemState.DEFAULTED: frozenset(),
    AccessReviewItemState.ENDED: frozenset(),
}


def check_access_review_transition(origin: AccessReviewState, target: AccessReviewState) -> AccessReviewState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(ACCESS_REVIEW_TRANSITIONS, origin, target)


def check_access_review_item_transition(
    origin: AccessReviewItemState, target: AccessReviewItemState
) -> AccessReviewItemState:
    """`target`, if the table allows it from `origin`; else IllegalTransitionError."""
    return check_transition(ACCESS_REVIEW_ITEM_TRANSITIONS, origin, target)
