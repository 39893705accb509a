"""Answers requests to reset a password: an audit event for each person who may, of which a mail is made."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from audit.actions import record_event
from identity.authentication.may import may_receive_password_reset
from identity.authentication.models import PasswordResetRequest
from identity.people.models import Person

REQUEST_VERB = "request_password_reset"
ACTOR = "engine:password-resets"
"""Whoever asked is not signed in: nobody knows who it was."""
BATCH_SIZE = 200


def list_unanswered() -> QuerySet[PasswordResetRequest]:
    return PasswordResetRequest.objects.filter(answered_at=None)


@transaction.atomic
def answer_reset_requests(*, now: datetime) -> int:
    """Returns how many were answered. Their lock and the events are one transaction: none is answered twice."""
    waiting = list(list_unanswered().select_for_update(skip_locked=True).order_by("pk")[:BATCH_SIZE])
    for one in waiting:
        for person in [] if has_expired(one.at, now) else list_recipients(one.email):
            data = {"people": [person.pk]}
            record_event(verb=REQUEST_VERB, actor=ACTOR, subject=f"person:{person.pk}", data=data, now=now)
    PasswordResetRequest.objects.filter(pk__in=[one.pk for one in waiting]).update(answered_at=now)
    return len(waiting)


def has_expired(requested_at: datetime, now: datetime) -> bool:
    """Whoever asked so long ago no longer waits for the mail."""
    return now - requested_at > timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def list_recipients(email: str) -> Iterator[Person]:
    """Who has this e-mail and may reset their password. The mail goes to the address that we know."""
    for person in Person.objects.filter(email=email, is_active=True):
        if may_receive_password_reset(person):
            yield person
