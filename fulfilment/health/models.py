"""Counts of calls to AWS, from which "calls per hour" is computed."""

from django.db import models


class CallCount(models.Model):
    """Calls of one API in an account, in the ten minutes that begin `at`. A worker that is killed takes its last
    few seconds of counting with it.
    """

    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=30)
    operation = models.CharField(max_length=80)
    at = models.DateTimeField()
    calls = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["at", "account_id", "region", "operation"], name="calls_once")
        ]

    def __str__(self) -> str:
        return f"{self.calls} × {self.operation} in {self.account_id}"


class CallTotal(models.Model):
    """Calls of one API in an account since the beginning, by what came of them. It only grows."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", "succeeded"
        THROTTLED = "throttled", "throttled"
        CONFLICT = "conflict", "refused: something else changes it"
        SESSION_ENDED = "ended", "refused: the session has ended"
        DENIED = "denied", "denied"
        ABSENT = "absent", "the object does not exist"
        INVALID = "invalid", "refused as invalid"
        UNKNOWN = "unknown", "an error of the server"
        UNANSWERED = "unanswered", "no response"

    account_id = models.CharField(max_length=12)
    operation = models.CharField(max_length=80)
    outcome = models.CharField(max_length=12, choices=Outcome)
    calls = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "operation", "outcome"], name="call_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.calls} × {self.operation} in {self.account_id}: {self.outcome}"


class RoundTotal(models.Model):
    """Rounds of one kind of scope since the beginning, by what came of them. It only grows."""

    class Outcome(models.TextChoices):
        CONVERGED = "converged", "nothing to do, all proven"
        SENT = "sent", "sent its plan"
        WAITING = "waiting", "waits"
        FAILED = "failed", "failed"
        FENCED = "fenced", "lost its lease"

    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=12, choices=Outcome)
    rounds = models.BigIntegerField()
    seconds = models.FloatField(help_text="How long they took together.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "outcome"], name="round_total_once")]

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.kind} scopes: {self.outcome}"
