"""The life cycle of a policy version."""

from django.db.models import TextChoices


class PolicyState(TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    RETIRED = "retired", "retired"


POLICY_TRANSITIONS: dict[PolicyState, frozenset[PolicyState]] = {
    PolicyState.DRAFT: frozenset({PolicyState.PUBLISHED, PolicyState.RETIRED}),
    PolicyState.PUBLISHED: frozenset({PolicyState.RETIRED}),
    PolicyState.RETIRED: frozenset(),
}
