"""Counts sign-in attempts, to limit the guessing of passwords.

An attempt is stored before its password is checked, and deleted when it was right, so that concurrent
attempts are counted too.
"""

from datetime import datetime

from django.db import transaction

from audit.advisory_locks import AdvisoryLock, acquire_transaction_lock
from identity.errors import require_allowed
from identity.people.attempt_limits import normalize_email
from identity.people.may import SIGN_IN_LIMIT, may_attempt_sign_in
from identity.people.models import SignInAttempt


@transaction.atomic(durable=True)
def attempt_sign_in(*, email: str, address: str, now: datetime) -> None:
    """Count one attempt; `address` is empty when nobody knows it. ForbiddenError after too many.

    A refused attempt is not counted.
    """
    email = normalize_email(email)
    acquire_transaction_lock(AdvisoryLock.SIGN_IN_ATTEMPTS)
    SignInAttempt.objects.filter(at__lte=now - SIGN_IN_LIMIT.period).delete()
    require_allowed(may_attempt_sign_in(email, address, now))
    SignInAttempt.objects.create(email=email, address=address, at=now)


def clear_sign_in_attempts(*, email: str) -> None:
    """Delete the e-mail's attempts after a successful sign-in."""
    SignInAttempt.objects.filter(email=normalize_email(email)).delete()
