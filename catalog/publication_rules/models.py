"""Versions of the publication rules, and exceptions of products from one rule."""

from django.db import models
from django.db.models import F, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from catalog.products.models import DataProduct
from identity.people.models import Person
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


class PublicationRules(models.Model):
    """One version, for all domains. `rules` is `Rules.to_json`. A draft is changed in place, and `edit` counts its changes."""

    number = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    note = models.TextField(help_text="what changes, and why")
    state = models.CharField(max_length=10, choices=RulesState, default=RulesState.DRAFT)
    edit = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    in_force_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    in_force_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="draft"), name="publication_rules_one_draft"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="in_force"), name="publication_rules_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["in_force", "replaced"], in_force_by__isnull=False, in_force_at__isnull=False
                )
                | Q(state__in=["draft", "discarded"], in_force_by=None, in_force_at=None),
                name="publication_rules_in_force_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"publication rules {self.number}"


class RuleException(models.Model):
    """A product need not meet the rule `key` until it is ended."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="rule_exceptions")
    key = models.CharField(max_length=40)
    reason = models.TextField()
    allowed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "key"], condition=Q(ended_at=None), name="rule_exception_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__gte=F("allowed_at"), ended_by__isnull=False),
                name="rule_exception_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.key}"
