"""The life cycle of a policy version."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


class PolicyState(TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    RETIRED = "retired", "retired"


POLICY_TRANSITIONS = Transitions(
    PolicyState,
    {
        PolicyState.DRAFT: {PolicyState.PUBLISHED, PolicyState.RETIRED},
        PolicyState.PUBLISHED: {PolicyState.RETIRED},
    },
)
