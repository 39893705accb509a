"""The life cycle of a scheduled retirement."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class RetirementState(TextChoices):
    SCHEDULED = "scheduled", _("scheduled")
    CALLED_OFF = "called_off", _("cancelled")
    DONE = "done", _("done")


RETIREMENT_TRANSITIONS = Transitions(
    RetirementState, {RetirementState.SCHEDULED: {RetirementState.CALLED_OFF, RetirementState.DONE}}
)
