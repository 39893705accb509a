"""The life cycles of an access review and of its items."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class AccessReviewState(TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    CANCELLED = "called_off", _("cancelled")


class AccessReviewItemState(TextChoices):
    OPEN = "open", _("waiting for a decision")
    KEPT = "kept", _("kept")
    REVOKED = "revoked", _("revoked")
    DEFAULTED = "defaulted", _("ended, not confirmed")
    ENDED = "ended", _("ended otherwise")


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
