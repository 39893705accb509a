"""The life cycle of a derivation request."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class DerivationState(TextChoices):
    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")


DERIVATION_TRANSITIONS = Transitions(
    DerivationState,
    {
        DerivationState.WAITING: {
            DerivationState.APPROVED,
            DerivationState.REJECTED,
            DerivationState.WITHDRAWN,
        },
        DerivationState.APPROVED: {DerivationState.REVOKED, DerivationState.EXPIRED},
    },
)
