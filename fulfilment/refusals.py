"""What AWS refused, change by change, and when it is tried again."""

from django.db import models

FIRST_WAIT, LONGEST_WAIT = 0.5, 300.0
"""Seconds: the wait after the first refusal, doubled with each one, and the longest."""


class Refusal(models.Model):
    """A planned change that AWS refused at the last try. Another plan, another intent or other columns are another change.

    Times are the database's bare clock. The row goes when the change is no longer planned: it was made, or is not wanted.
    """

    scope = models.ForeignKey("fulfilment.Scope", on_delete=models.PROTECT, related_name="refusals")
    key = models.CharField(max_length=64, help_text="SHA-256 of the change")
    action = models.CharField(max_length=20)
    resource = models.CharField(max_length=600)
    intents = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    next_at = models.DateTimeField()
    error = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="refusal_once")]

    def __str__(self) -> str:
        return f"{self.action} {self.resource}: refused {self.count} times"
