"""Audit events and their seals. Triggers refuse every update and delete, the owner's too."""

from django.db import models


class Verification(models.Model):
    """Progress of verifying the chain: one row. Times are `clock_timestamp()`, without the demo's offset."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    recent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the latest links were last verified."
    )
    recent_from = models.BigIntegerField(default=0, help_text="First link verified then.")
    head_seq = models.BigIntegerField(default=0, help_text="Last link verified then.")
    head_hash = models.CharField(max_length=64, blank=True)
    slice_seq = models.BigIntegerField(default=0, help_text="Progress of the pass over the whole chain.")
    slice_event = models.BigIntegerField(default=0, help_text="The same for events, by id.")
    full_began_at = models.DateTimeField(null=True, blank=True)
    full_at = models.DateTimeField(null=True, blank=True, help_text="When the whole chain was last verified.")
    full_seq = models.BigIntegerField(default=0, help_text="Number of links verified then.")
    full_seconds = models.FloatField(null=True, blank=True, help_text="From its first part to its last.")
    problems = models.JSONField(
        default=list, blank=True, help_text="The first problems: [{seq, event, text}]."
    )
    broken_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "verification of the audit chain"
        verbose_name_plural = "verification of the audit chain"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_verification_one_row"),
            models.CheckConstraint(
                name="audit_verification_broken",
                condition=models.Q(broken_since__isnull=True, problems=[])
                | models.Q(broken_since__isnull=False) & ~models.Q(problems=[]),
            ),
        ]

    def __str__(self) -> str:
        return "broken" if self.broken_since else f"verified up to link {self.head_seq}"


__all__ = ["Clock", "Event", "Pending", "Seal", "Verification"]


class Event(models.Model):
    """One thing that was done. `digest` is the SHA-256 of the row's canonical JSON, see `audit.actions`."""

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
