"""Counts of calls to AWS, from which "calls per hour" is computed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
        SUCCEEDED = "succeeded", _("succeeded")
        THROTTLED = "throttled", _("throttled")
        CONFLICT = "conflict", _("refused: something else changes it")
        SESSION_ENDED = "ended", _("refused: the session has ended")
        DENIED = "denied", _("denied")
        ABSENT = "absent", _("the object does not exist")
        INVALID = "invalid", _("refused as invalid")
        UNKNOWN = "unknown", _("an error of the server")
        UNANSWERED = "unanswered", _("no response")

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
        CONVERGED = "converged", _("nothing to do, all proven")
        SENT = "sent", _("sent its plan")
        WAITING = "waiting", _("waits")
        FAILED = "failed", _("failed")
        FENCED = "fenced", _("lost its lease")

    kind = models.CharField(max_length=10)
    outcome = models.CharField(max_length=12, choices=Outcome)
    rounds = models.BigIntegerField()
    seconds = models.FloatField(help_text="How long they took together.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "outcome"], name="round_total_once")]

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.kind} scopes: {self.outcome}"
