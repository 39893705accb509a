"""The life cycle of the decision on a table that was created again."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class RecreatedTableState(TextChoices):
    """`lapsed`: nothing is left to decide, as the table is gone again or its grants have ended."""

    OPEN = "open", _("waits for a decision")
    KEPT = "kept", _("grants kept")
    ENDED = "ended", _("grants ended")
    LAPSED = "lapsed", _("nothing left to decide")


RECREATED_TABLE_TRANSITIONS = Transitions(
    RecreatedTableState,
    {
        RecreatedTableState.OPEN: {
            RecreatedTableState.KEPT,
            RecreatedTableState.ENDED,
            RecreatedTableState.LAPSED,
        }
    },
)
