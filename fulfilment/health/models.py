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
