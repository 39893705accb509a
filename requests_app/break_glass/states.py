"""The life cycle of a session under a standing consent."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


class BreakGlassState(TextChoices):
    REQUESTED = "asked", "waiting for the second person"
    CONFIRMED = "confirmed", "confirmed; to be reviewed by a data owner"
    REVIEWED = "reviewed", "reviewed"


BREAK_GLASS_TRANSITIONS = Transitions(
    BreakGlassState,
    {
        BreakGlassState.REQUESTED: {BreakGlassState.CONFIRMED},
        BreakGlassState.CONFIRMED: {BreakGlassState.REVIEWED},
    },
)
