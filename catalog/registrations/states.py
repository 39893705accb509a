"""The life cycle of a registration, and what people see of it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class RegistrationState(TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ENDED = "ended", _("ended")


LIVE_STATES = (RegistrationState.REQUESTED, RegistrationState.APPROVED)
REGISTRATION_TRANSITIONS = Transitions(
    RegistrationState,
    {
        RegistrationState.REQUESTED: {
            RegistrationState.APPROVED,
            RegistrationState.REJECTED,
            RegistrationState.WITHDRAWN,
        },
        RegistrationState.APPROVED: {RegistrationState.ENDED},
    },
)


class RegistrationStatus(TextChoices):
    """What is proven of an approved registration, besides the states without a proof."""

    REQUESTED = "requested", _("waits for a decision")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REGISTERING = "registering", _("being registered")
    REGISTERED = "registered", _("registered")
    FAILED = "failed", _("failed")
    ENDING = "ending", _("ending")
    ENDED = "ended", _("ended")
