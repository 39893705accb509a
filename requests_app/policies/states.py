"""The life cycle of a policy version."""

from django.db.models import TextChoices


class PolicyState(TextChoices):
    DRAFT = "draft", "draft"
    IN_FORCE = "in_force", "published"
    RETIRED = "retired", "retired"


POLICY_TRANSITIONS: dict[PolicyState, frozenset[PolicyState]] = {
    PolicyState.DRAFT: frozenset({PolicyState.IN_FORCE, PolicyState.RETIRED}),
    PolicyState.IN_FORCE: frozenset({PolicyState.RETIRED}),
    PolicyState.RETIRED: frozenset(),
}
