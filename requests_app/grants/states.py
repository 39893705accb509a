"""The life cycle of a grant."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


class GrantState(TextChoices):
    LIVE = "live", "live"
    REVOKED = "revoked", "revoked"
    EXPIRED = "expired", "expired"


GRANT_TRANSITIONS = Transitions(
    GrantState,
    {
        GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED},
    },
)
