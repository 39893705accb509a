"""Change and reset a password, and end sessions. All other sessions end with the password, as its hash is part of them."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from identity.authentication.may import (
    PASSWORD_RESET_LIMIT,
    may_change_password,
    may_end_other_sessions,
    may_request_password_reset,
    may_reset_password,
)
from identity.authentication.models import PasswordResetRequest
from identity.people.attempt_limits import truncate_email
from identity.people.events import record_by_person
from identity.people.models import Person
from identity.people.queries import lock_person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import RefusedError, require_allowed


def change_password(*, acting_user: Person, password: str, now: datetime) -> Person:
    """Returns the person with the new password. RefusedError if it has changed since `acting_user` was read."""
    encoded = make_password(password)
    with transaction.atomic(durable=True):
        person = lock_person(acting_user.pk)
        require_allowed(may_change_password(person))
        if person.password != acting_user.password:
            raise RefusedError(_("Your password was changed just now, in another window or by a reset link."))
        return _store_password(person, encoded, "change_password", now)


def reset_password(*, person_id: int, token: str, password: str, now: datetime) -> Person:
    """Returns the person with the new password, which ends the token. ForbiddenError if the token is no longer valid."""
    encoded = make_password(password)
    with transaction.atomic(durable=True):
        person = lock_person(person_id)
        require_allowed(may_reset_password(person, token))
        return _store_password(person, encoded, "reset_password", now)


@transaction.atomic(durable=True)
def end_other_sessions(*, acting_user: Person, now: datetime) -> Person:
    """Returns the person as the current session must know them; it ends like the others otherwise."""
    person = lock_person(acting_user.pk)
    require_allowed(may_end_other_sessions(person))
    person.session_version += 1
    person.save(update_fields=["session_version"])
    record_by_person("end_other_sessions", person, f"person:{person.pk}", {}, now)
    return person


@transaction.atomic(durable=True)
def request_password_reset(*, email: str, address: str, now: datetime) -> None:
    """Store a request; whether there is such a person is for a worker to find out. ForbiddenError after too many.

    `address` is empty when nobody knows it. A refused request is not counted.
    """
    email = truncate_email(email)
    acquire_transaction_lock(AdvisoryLock.PASSWORD_RESET_REQUESTS)
    PasswordResetRequest.objects.filter(at__lte=now - PASSWORD_RESET_LIMIT.period).delete()
    require_allowed(may_request_password_reset(email, address, now))
    PasswordResetRequest.objects.create(email=email, address=address, at=now)


def _store_password(person: Person, encoded: str, verb: str, now: datetime) -> Person:
    person.password = encoded
    person.save(update_fields=["password"])
    record_by_person(verb, person, f"person:{person.pk}", {"people": [person.pk]}, now)
    return person
