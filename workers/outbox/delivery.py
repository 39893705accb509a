"""At-least-once delivery: each row is taken by one worker, retried with a growing pause, and given up in the end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F

from fulfilment.backoff import backoff
from requests_app.notifications.models import Outgoing

TAKEN = timedelta(minutes=2)
"""After which another goes on with what one has taken and not finished."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=4)
MOST_ATTEMPTS = 16
"""About a day and a half."""
A_PASS = 50
LONGEST_FAILURE = 500
Row = TypeVar("Row", bound=Outgoing)


def take_due(kind: type[Row], now: datetime) -> Iterator[Row]:
    """Each that is due, once it is ours; whoever stops taking leaves the others to the next pass."""
    due = kind._default_manager.filter(sent_at=None, gave_up_at=None, due_at__lte=now)  # noqa: SLF001 - Django documents it
    for pk in list(due.order_by("due_at").values_list("pk", flat=True)[:A_PASS]):
        if due.filter(pk=pk).update(due_at=now + TAKEN, attempts=F("attempts") + 1):
            yield kind._default_manager.get(pk=pk)  # noqa: SLF001


def note_sent(row: Outgoing, now: datetime) -> None:
    row.sent_at, row.failure = now, ""
    row.save(update_fields=["sent_at", "failure"])


def note_failure(row: Outgoing, reason: str, now: datetime) -> None:
    """Later again, or never when it was tried often enough. The reason is for the administration pages."""
    row.failure = reason[:LONGEST_FAILURE]
    row.due_at = now + pause_after(row.attempts)
    if row.attempts >= MOST_ATTEMPTS:
        row.gave_up_at = now
    row.save(update_fields=["failure", "due_at", "gave_up_at"])


def give_up(row: Outgoing, reason: str, now: datetime) -> None:
    """At once: trying again would change nothing."""
    row.failure, row.gave_up_at = reason[:LONGEST_FAILURE], now
    row.save(update_fields=["failure", "gave_up_at"])


def pause_after(attempts: int) -> timedelta:
    first, longest = FIRST_PAUSE.total_seconds(), LONGEST_PAUSE.total_seconds()
    return timedelta(seconds=backoff(attempts, first=first, longest=longest))
