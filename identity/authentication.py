"""A person's own password and sessions: changing, resetting and ending them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from audit.actions import record_event
from identity.people.attempt_limits import AttemptLimit, describe_end, truncate_email
from identity.people.events import record_by_person
from identity.people.may import may_act
from identity.people.models import Person
from identity.people.queries import lock_person
from kernel import clock
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import RefusedError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal


class PasswordResetRequest(models.Model):
    """Somebody asked for a link to reset the password of this e-mail. A worker answers it, by mail or not at all.

    There is a row for each request, whether there is such a person or not: it also counts against the limits. Kept for an hour.
    """

    email = models.CharField(
        max_length=254, help_text="As entered, in lower case; there may be no such person."
    )
    address = models.CharField(max_length=64, blank=True, help_text="Where the request came from, if known.")
    at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["email", "at"], name="identity_reset_email"),
            models.Index(fields=["address", "at"], name="identity_reset_address"),
            models.Index(fields=["id"], condition=Q(answered_at=None), name="identity_reset_unanswered"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.address or 'somewhere'}"


class PasswordResetTokens(PasswordResetTokenGenerator):
    """A token ends after PASSWORD_RESET_TIMEOUT, and when the person's password, e-mail or last sign-in changes."""

    key_salt = "identity.authentication.PasswordResetTokens"

    def _now(self) -> datetime:
        return clock.now().astimezone(UTC).replace(tzinfo=None)


password_reset_tokens = PasswordResetTokens()


def build_password_reset_path(person: Person) -> str:
    """The path of the link in the mail, with a new token."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return f"/password-reset/{uid}/{password_reset_tokens.make_token(person)}/"


PASSWORD_RESET_LIMIT = AttemptLimit(timedelta(hours=1), per_email=3, per_address=20)


def may_change_password(person: Person) -> Verdict:
    """People who sign in only by an identity provider have no password here."""
    if not (active := may_act(person)):
        return active
    if not person.has_usable_password():
        return refusal(
            _(
                "You have no password in Meshmarket: you sign in with your organisation's account. Change its password there."
            )
        )
    return ALLOWED


def may_end_other_sessions(person: Person) -> Verdict:
    return may_act(person)


def may_request_password_reset(email: str, address: str, now: datetime) -> Verdict:
    """Whether another request is allowed, whether or not the e-mail is known."""
    end = PASSWORD_RESET_LIMIT.find_end(PasswordResetRequest.objects.all(), email, address, now)
    if end is None:
        return ALLOWED
    return refusal(
        _("Too many requests to reset a password. Try again after %(time)s (%(zone)s).") % describe_end(end)
    )


def may_reset_password(person: Person, token: str) -> Verdict:
    """The token is the person's and valid, and they have a password that they can sign in with."""
    if may_receive_password_reset(person) and password_reset_tokens.check_token(person, token):
        return ALLOWED
    return refusal(_("This link has expired or was already used."))


def may_receive_password_reset(person: Person) -> Verdict:
    """As for a change; what hinders it is not told to whoever asks."""
    return may_change_password(person)


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
