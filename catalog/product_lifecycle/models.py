"""Deprecations of data products, who may still request them, and their retirements."""

from django.db import models
from django.db.models import F, Q

from audit.models import Event
from catalog.product_lifecycle.states import RetirementState
from catalog.products.models import DataProduct
from identity.people.models import Person, Team


class Deprecation(models.Model):
    """A product that its consumers are to leave. The row stays when it is withdrawn, and when the product is retired."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="deprecations")
    successor = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    reason = models.TextField()
    retires_on = models.DateField(null=True, blank=True, help_text="When it is planned to be retired.")
    deprecated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    deprecated_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(withdrawn_at=None), name="product_deprecated_once"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("product")), name="product_succeeded_by_another"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="product_deprecation_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"deprecation of {self.product}"


class RequestException(models.Model):
    """A person or a team who may request a deprecated product until a time."""

    deprecation = models.ForeignKey(Deprecation, on_delete=models.PROTECT, related_name="exceptions")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason = models.TextField()
    allowed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField()
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, team=None) | Q(person=None, team__isnull=False),
                name="request_exception_for_person_or_team",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("allowed_at")), name="request_exception_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"request exception of {self.deprecation} for {self.person or self.team}"


class Retirement(models.Model):
    """A confirmed plan: at `due_at` the product's grants end and it is retired. `planned` are the grants that were
    shown, as `requests_app.product_retirement.plan.PlannedEnd.to_json`.
    """

    deprecation = models.ForeignKey(Deprecation, on_delete=models.PROTECT, related_name="retirements")
    state = models.CharField(max_length=10, choices=RetirementState, default=RetirementState.SCHEDULED)
    due_at = models.DateTimeField()
    planned = models.JSONField()
    scheduled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scheduled_at = models.DateTimeField()
    called_off_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    called_off_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deprecation"],
                condition=Q(state="scheduled"),
                name="product_retirement_scheduled_once",
            ),
            models.CheckConstraint(
                condition=Q(state="scheduled", called_off_at=None, done_at=None)
                | Q(
                    state="called_off", called_off_at__isnull=False, called_off_by__isnull=False, done_at=None
                )
                | Q(state="done", done_at__isnull=False, called_off_at=None),
                name="product_retirement_state_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"retirement of {self.deprecation.product}"
