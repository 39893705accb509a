"""The life cycle of a session under a standing consent."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class BreakGlassState(TextChoices):
    REQUESTED = "asked", _("waiting for the second person")
    CONFIRMED = "confirmed", _("confirmed; to be reviewed by a data owner")
    REVIEWED = "reviewed", _("reviewed")


BREAK_GLASS_TRANSITIONS = Transitions(
    BreakGlassState,
    {
        BreakGlassState.REQUESTED: {BreakGlassState.CONFIRMED},
        BreakGlassState.CONFIRMED: {BreakGlassState.REVIEWED},
    },
)
