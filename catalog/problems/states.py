"""The life cycle of a problem, and how its answer compares with what the owner promised."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class ProblemState(TextChoices):
    OPEN = "open", _("open")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    RESOLVED = "resolved", _("resolved")


OPEN_PROBLEM_STATES = (ProblemState.OPEN, ProblemState.ACKNOWLEDGED)

PROBLEM_TRANSITIONS = Transitions(
    ProblemState,
    {
        ProblemState.OPEN: {ProblemState.ACKNOWLEDGED, ProblemState.RESOLVED},
        ProblemState.ACKNOWLEDGED: {ProblemState.RESOLVED},
    },
)


class AnswerStatus(TextChoices):
    """Of the first answer, which is an acknowledgement or the resolution."""

    NOT_PROMISED = "not_promised", _("no answer time promised")
    DUE = "due", _("answer due")
    OVERDUE = "overdue", _("answer overdue")
    IN_TIME = "in_time", _("answered in time")
    LATE = "late", _("answered late")
