"""Counts sign-in attempts, to limit the guessing of passwords, and stores the language and the columns of lists that a person chose.

An attempt is stored before its password is checked, and deleted when it was right, so that concurrent
attempts are counted too.
"""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from identity.people.attempt_limits import truncate_email
from identity.people.events import record_by_person
from identity.people.may import SIGN_IN_LIMIT, may_attempt_sign_in, may_choose_language, may_hide_columns
from identity.people.models import Person, SignInAttempt
from identity.people.queries import lock_person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import RefusedError, require_allowed


@transaction.atomic(durable=True)
def attempt_sign_in(*, email: str, address: str, now: datetime) -> None:
    """Count one attempt; `address` is empty when nobody knows it. ForbiddenError after too many.

    A refused attempt is not counted.
    """
    email = truncate_email(email)
    acquire_transaction_lock(AdvisoryLock.SIGN_IN_ATTEMPTS)
    SignInAttempt.objects.filter(at__lte=now - SIGN_IN_LIMIT.period).delete()
    require_allowed(may_attempt_sign_in(email, address, now))
    SignInAttempt.objects.create(email=email, address=address, at=now)


def clear_sign_in_attempts(*, email: str) -> None:
    """Delete the e-mail's attempts after a successful sign-in."""
    SignInAttempt.objects.filter(email=truncate_email(email)).delete()


@transaction.atomic(durable=True)
def choose_language(*, acting_user: Person, language: str, now: datetime) -> Person:
    """Set the language of the pages that the person reads: a code in LANGUAGES, or empty for the browser's. Raises
    RefusedError for any other.
    """
    person = lock_person(acting_user.pk)
    require_allowed(may_choose_language(person))
    if language and language not in dict(settings.LANGUAGES):
        raise RefusedError(_("Choose one of the languages in the list."), "language")
    if person.language != language:
        person.language = language
        person.save(update_fields=["language"])
        record_by_person("choose_language", person, f"person:{person.pk}", {"language": language}, now)
    return person


@transaction.atomic(durable=True)
def hide_columns(*, acting_user: Person, list_name: str, columns: Collection[str], now: datetime) -> Person:
    """Store which columns of a list the person does not show; without columns, the list shows all."""
    person = lock_person(acting_user.pk)
    require_allowed(may_hide_columns(person))
    names = {**person.hidden_columns, list_name: sorted(columns)}
    if not columns:
        del names[list_name]
    if names != person.hidden_columns:
        person.hidden_columns = names
        person.save(update_fields=["hidden_columns"])
        record_by_person(
            "hide_columns",
            person,
            f"person:{person.pk}",
            {"list": list_name, "columns": sorted(columns)},
            now,
        )
    return person
