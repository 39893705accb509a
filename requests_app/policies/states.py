"""The life cycle of a policy version."""

from django.db.models import TextChoices


class PolicyState(TextChoices):
    DRAFT = "draft", "a draft: it counts for nothing yet"
    IN_FORCE = "in_force", "in force"
    RETIRED = "retired", "retired"


POLICY_TRANSITIONS: dict[PolicyState, frozenset[PolicyState]] = {
    PolicyState.DRAFT: frozenset({PolicyState.IN_FORCE, PolicyState.RETIRED}),
    PolicyState.IN_FORCE: frozenset({PolicyState.RETIRED}),
    PolicyState.RETIRED: frozenset(),
}
