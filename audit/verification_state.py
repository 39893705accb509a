"""How far the chain was verified, when, and what was found: one row."""

from datetime import timedelta

from django.db import models

NOW = models.Func(function="clock_timestamp", output_field=models.DateTimeField())
LATE = timedelta(minutes=5)
"""Without a verification for so long, nobody watches the chain."""


class Verification(models.Model):
    """Times are the database's bare clock. `problems` are those that the last look at their place still found."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    recent_at = models.DateTimeField(
        null=True, blank=True, help_text="when the latest links were verified last"
    )
    recent_from = models.BigIntegerField(default=0, help_text="the first link that was verified then")
    head_seq = models.BigIntegerField(default=0, help_text="the last link that was verified then")
    head_hash = models.CharField(max_length=64, blank=True)
    slice_seq = models.BigIntegerField(default=0, help_text="how far the pass over the whole chain has come")
    slice_event = models.BigIntegerField(default=0, help_text="the same among events, by id")
    full_began_at = models.DateTimeField(null=True, blank=True)
    full_at = models.DateTimeField(null=True, blank=True, help_text="when the whole chain was verified last")
    full_seq = models.BigIntegerField(default=0, help_text="how many links that were")
    full_seconds = models.FloatField(null=True, blank=True, help_text="from its first slice to its last")
    problems = models.JSONField(default=list, blank=True, help_text="[{seq, event, text}], the first ones")
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


def last_verification() -> Verification | None:
    return Verification.objects.first()


def is_late() -> bool:
    """Whether the latest links were not verified for `LATE`."""
    return not Verification.objects.filter(recent_at__gte=NOW - LATE).exists()
