"""Versions of policies, and who accepted their texts. Neither ever changes: the database refuses updates."""

from django.db import models
from django.db.models import Q

from audit.models import Event
from catalog.products.models import Domain
from identity.people.models import Person
from requests_app.policies.states import PolicyState


class PolicyVersion(models.Model):
    """The rules of a domain, or of all domains (`domain` empty), as one version. `rules` is what
    `requests_app.policy_engine.parsing` reads. The database refuses a global one that approves automatically.
    """

    domain = models.ForeignKey(
        Domain, null=True, blank=True, on_delete=models.PROTECT, related_name="policies"
    )
    number = models.PositiveIntegerField(help_text="1, 2 … per domain, and for all domains.")
    rules = models.JSONField()
    note = models.TextField(help_text="What changed, and why.")
    state = models.CharField(max_length=10, choices=PolicyState, default=PolicyState.DRAFT)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retire_reason = models.TextField(blank=True, default="", help_text="Why it was retired.")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "number"], nulls_distinct=False, name="policy_number_once"
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(state=PolicyState.PUBLISHED),
                nulls_distinct=False,
                name="policy_one_published",
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(state=PolicyState.DRAFT),
                nulls_distinct=False,
                name="policy_one_draft",
            ),
            models.CheckConstraint(
                condition=~Q(state=PolicyState.PUBLISHED)
                | Q(published_by__isnull=False, published_at__isnull=False),
                name="policy_published_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state=PolicyState.RETIRED, retired_at__isnull=False)
                | (~Q(state=PolicyState.RETIRED) & Q(retired_at=None)),
                name="policy_retired_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"policy {self.number} of {self.domain or 'all domains'}"


class RequiredTextAcceptance(models.Model):
    """That a person accepted a text of a rule, and when. Never changed, and valid for every later request under the
    same text, whichever rule has it.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text")
    text = models.TextField()
    accepted_at = models.DateTimeField()
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "digest"], name="rule_text_accepted_once"),
        ]

    def __str__(self) -> str:
        return f"text {self.digest[:8]} accepted by {self.person}"
