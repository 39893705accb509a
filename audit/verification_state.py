"""How far the chain was verified, when, and what was found: one row."""

from datetime import timedelta

from django.db import models

from audit.models import Verification

NOW = models.Func(function="clock_timestamp", output_field=models.DateTimeField())
LATE = timedelta(minutes=5)
"""Without a verification for so long, nobody watches the chain."""


def last_verification() -> Verification | None:
    return Verification.objects.first()


def is_late() -> bool:
    """Whether the latest links were not verified for `LATE`."""
    return not Verification.objects.filter(recent_at__gte=NOW - LATE).exists()
