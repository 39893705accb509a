"""The first answer to a call under an Idempotency-Key is stored, and given again when the call is repeated."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from identity.people.models import Person
from kernel.errors import IllegalTransitionError, RefusedError
from requests_app.access_requests.input_checks import check_idempotency_key


class IdempotentCall(models.Model):
    """`call` is the digest of method, address and body. Without a `status` the call is under way, or broke off."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    call = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="first_answer_once")]

    def __str__(self) -> str:
        return f"answer to {self.person}'s call {self.key}"


CALL_TIMEOUT = timedelta(minutes=1)
"""After which a call without an answer counts as broken off: it may be sent again, and the verb says what it finds."""
RESPONSE_RETENTION = timedelta(days=7)
"""How long a response is kept for repetitions."""
KEY_HEADER = "Idempotency-Key"


def begin_call(
    *, person: Person, idempotency_key: str, call_digest: str, now: datetime
) -> tuple[IdempotentCall, bool]:
    """The row of this key, and whether the call is to be made now; if not, the row has its first answer.

    Deletes the person's rows older than `RESPONSE_RETENTION`. Raises RefusedError for a key that came with another call,
    IllegalTransitionError while the first is under way.
    """
    check_idempotency_key(idempotency_key, KEY_HEADER)
    IdempotentCall.objects.filter(person=person, began_at__lt=now - RESPONSE_RETENTION).delete()
    first, is_new = IdempotentCall.objects.get_or_create(
        person=person, key=idempotency_key, defaults={"call": call_digest, "began_at": now}
    )
    if first.call != call_digest:
        raise RefusedError(
            _("You used this Idempotency-Key for a different call. Send a new key."), KEY_HEADER
        )
    return first, is_new or (first.status is None and _restart_broken_call(first, now))


def store_response(first: IdempotentCall, *, status: int, body: Any) -> None:
    """Store the response that every repetition of the call gets."""
    first.status, first.body = status, body
    first.save(update_fields=["status", "body"])


def release_key(first: IdempotentCall) -> None:
    """The call was refused and changed nothing: its key is free again."""
    first.delete()


def _restart_broken_call(first: IdempotentCall, now: datetime) -> bool:
    broken_off = IdempotentCall.objects.filter(pk=first.pk, status=None, began_at__lte=now - CALL_TIMEOUT)
    if not broken_off.update(began_at=now):
        raise IllegalTransitionError(_("in progress"), _("started again"))
    return True
