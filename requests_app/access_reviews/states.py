"""The life cycles of an access review and of its items."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


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


ACCESS_REVIEW_TRANSITIONS = Transitions(
    AccessReviewState,
    {
        AccessReviewState.OPEN: {AccessReviewState.CLOSED, AccessReviewState.CANCELLED},
    },
)
ACCESS_REVIEW_ITEM_TRANSITIONS = Transitions(
    AccessReviewItemState,
    {
        AccessReviewItemState.OPEN: {
            AccessReviewItemState.KEPT,
            AccessReviewItemState.REVOKED,
            AccessReviewItemState.DEFAULTED,
            AccessReviewItemState.ENDED,
        },
        AccessReviewItemState.KEPT: {AccessReviewItemState.REVOKED},
    },
)
