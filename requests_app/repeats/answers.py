"""Begin a call under a key, keep its answer, or forget that it began."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.asks import check_key
from requests_app.repeats.models import FirstAnswer
from requests_app.states import IllegalMoveError

UNDER_WAY = timedelta(minutes=1)
"""After which a call without an answer counts as broken off: it may be sent again, and the verb says what it finds."""
KEPT = timedelta(days=7)
"""For so long a repetition is known as one."""
FIELD = "Idempotency-Key"


def begin(*, person: Person, key: str, call: str, now: datetime) -> tuple[FirstAnswer, bool]:
    """The row of this key, and whether the call is to be made now; if not, the row has its first answer.

    The person's rows that are older than `KEPT` go. Raises RefusedError for a key that came with another call,
    IllegalMoveError while the first is under way.
    """
    check_key(key, FIELD)
    FirstAnswer.objects.filter(person=person, began_at__lt=now - KEPT).delete()
    first, is_new = FirstAnswer.objects.get_or_create(
        person=person, key=key, defaults={"call": call, "began_at": now}
    )
    if first.call != call:
        raise RefusedError(_("This key came with another call before. Take a new one."), FIELD)
    return first, is_new or (first.status is None and _taken_over(first, now))


def keep(first: FirstAnswer, *, status: int, body: Any) -> None:
    """What every repetition is answered with from now on."""
    first.status, first.body = status, body
    first.save(update_fields=["status", "body"])


def forget(first: FirstAnswer) -> None:
    """The call was refused and changed nothing: its key is free again."""
    first.delete()


def _taken_over(first: FirstAnswer, now: datetime) -> bool:
    broken_off = FirstAnswer.objects.filter(pk=first.pk, status=None, began_at__lte=now - UNDER_WAY)
    if not broken_off.update(began_at=now):
        raise IllegalMoveError(_("under way"), _("begun again"))
    return True
