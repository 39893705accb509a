"""The life cycle of a write request, and what people see of it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class WriteRequestState(TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("ended")


WRITE_REQUEST_TRANSITIONS = Transitions(
    WriteRequestState,
    {
        WriteRequestState.REQUESTED: {
            WriteRequestState.APPROVED,
            WriteRequestState.REJECTED,
            WriteRequestState.WITHDRAWN,
        },
        WriteRequestState.APPROVED: {WriteRequestState.ENDED},
    },
)


class WriteRequestStatus(TextChoices):
    """What is proven of an approved request, besides the states without a proof."""

    REQUESTED = "requested", _("waits for a decision")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    GRANTING = "granting", _("being granted")
    ACTIVE = "active", _("active")
    FAILED = "failed", _("failed")
    ENDING = "ending", _("ending")
    ENDED = "ended", _("ended")
