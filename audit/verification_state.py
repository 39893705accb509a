"""The state of the chain's verification."""

from datetime import timedelta

from django.db import models

from audit.models import Verification

DATABASE_NOW = models.Func(function="clock_timestamp", output_field=models.DateTimeField())
MAX_VERIFICATION_AGE = timedelta(minutes=5)
"""After this long without a verification, the check counts as late."""


def get_verification() -> Verification | None:
    return Verification.objects.first()


def is_verification_late() -> bool:
    """Whether the latest links were not verified for `MAX_VERIFICATION_AGE`."""
    return not Verification.objects.filter(recent_at__gte=DATABASE_NOW - MAX_VERIFICATION_AGE).exists()
