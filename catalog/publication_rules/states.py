"""The states of a version of the publication rules."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class RulesState(TextChoices):
    DRAFT = "draft", _("draft")
    IN_FORCE = "in_force", _("in force")
    REPLACED = "replaced", _("replaced")
    DISCARDED = "discarded", _("discarded")


RULES_TRANSITIONS = Transitions(
    RulesState,
    {
        RulesState.DRAFT: {RulesState.IN_FORCE, RulesState.DISCARDED},
        RulesState.IN_FORCE: {RulesState.REPLACED},
    },
)
