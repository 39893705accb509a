"""Events and their seals. Rows are only ever added: triggers refuse every change, the owner's too."""

from django.db import models

from audit.verification_state import Verification

__all__ = ["Clock", "Event", "Pending", "Seal", "Verification"]


class Event(models.Model):
    """One thing that was done. `digest` is the SHA-256 of the row's canonical JSON, see `audit.digest`."""

    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor = models.CharField(max_length=120, help_text="person:<id>, or engine:<worker>")
    subject = models.CharField(max_length=120, help_text="<model>:<id>")
    data = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="audit_event_subject"),
            models.Index(fields=["at"], name="audit_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} by {self.actor}"


class Pending(models.Model):
    """An event that waits for its seal. Ids commit out of order, so the queue is a table, not a number."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="pending")

    class Meta:
        verbose_name = "pending event"
        verbose_name_plural = "pending events"

    def __str__(self) -> str:
        return f"event {self.event_id}"


class Seal(models.Model):
    """A link of the chain: `hash` = SHA-256(seq, event's digest, prev)."""

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seal")
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.seq}"


class Clock(models.Model):
    """How far the demo's and the tests' time is ahead of the database's. Production holds no row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_clock_one_row")]

    def __str__(self) -> str:
        return str(self.offset)
