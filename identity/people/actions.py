"""Counts sign-in attempts, to limit the guessing of passwords.

An attempt is written before its password is looked at, and taken back when it was right: whatever runs at the
same time, and wherever, is counted.
"""

from datetime import datetime

from django.db import connection, transaction

from identity.errors import demand
from identity.people.may import SIGN_IN_WINDOW, may_attempt_sign_in
from identity.people.models import SignInAttempt

LONGEST_EMAIL = 254


@transaction.atomic(durable=True)
def attempt_sign_in(*, email: str, address: str, now: datetime) -> None:
    """Count one attempt; `address` is empty when nobody knows it. ForbiddenError after too many.

    A refused attempt is not counted: who waits as long as the sentence says is heard.
    """
    email = _typed(email)
    _one_by_one()
    SignInAttempt.objects.filter(at__lte=now - SIGN_IN_WINDOW).delete()
    demand(may_attempt_sign_in(email, address, now))
    SignInAttempt.objects.create(email=email, address=address, at=now)


def forget_attempts(*, email: str) -> None:
    """The password was right: the e-mail's attempts no longer count."""
    SignInAttempt.objects.filter(email=_typed(email)).delete()


def _typed(email: str) -> str:
    """In small letters, as far as an e-mail goes: what is longer is nobody's, and counts all the same."""
    return email.strip().lower()[:LONGEST_EMAIL]


def _one_by_one() -> None:
    """Until the transaction ends: two that count at once would both find room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('identity_signinattempt'))")
