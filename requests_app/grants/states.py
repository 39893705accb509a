"""The life cycle of a grant."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class GrantState(TextChoices):
    LIVE = "live", _("live")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")


GRANT_TRANSITIONS = Transitions(
    GrantState,
    {
        GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED},
    },
)
