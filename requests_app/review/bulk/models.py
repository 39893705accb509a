"""A decision on several items at once, and its outcome for each."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from identity.people.models import Person


class BulkDecision(models.Model):
    """One answer with one comment, due at `due_at`: the row is what carries it out, no page has to stay open.

    `leased_until` is how long the process that carries it out may take before another goes on with it.
    """

    class Answer(models.TextChoices):
        APPROVE = "approve", _("approve")
        REJECT = "reject", _("reject")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bulk_decisions")
    answer = models.CharField(max_length=10, choices=Answer)
    comment = models.TextField(blank=True)
    key = models.CharField(max_length=64, help_text="Key of the form, so that submitting twice counts once.")
    decided_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(done_at=None, undone_at=None), name="bulk_decision_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="bulk_decision_once"),
            models.CheckConstraint(condition=Q(due_at__gte=F("decided_at")), name="bulk_decision_due_later"),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(done_at=None, leased_until=None),
                name="bulk_decision_undone_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} of several by {self.person}"


class BulkDecisionItem(models.Model):
    """One of the items, with the effects that were shown. `message` says why it was left as it is."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("not carried out yet")
        DONE = "done", _("decided")
        KEPT = "kept", _("not changed")

    bulk = models.ForeignKey(BulkDecision, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey("requests.RequestItem", on_delete=models.PROTECT, related_name="bulk_lines")
    effects_hash = models.CharField(max_length=64)
    rules_hash = models.CharField(
        max_length=64, blank=True, default="", help_text="Includes the verdict of the policies."
    )
    terms_digest = models.CharField(
        max_length=64, blank=True, default="", help_text="What was requested at that time."
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bulk", "item"], name="bulk_item_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.outcome}"
