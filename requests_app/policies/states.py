"""The life cycle of a policy version."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class PolicyState(TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


POLICY_TRANSITIONS = Transitions(
    PolicyState,
    {
        PolicyState.DRAFT: {PolicyState.PUBLISHED, PolicyState.RETIRED},
        PolicyState.PUBLISHED: {PolicyState.RETIRED},
    },
)
