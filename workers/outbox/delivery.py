"""At-least-once delivery: one worker claims each row; failures are retried with back-off, up to a limit."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F

from fulfilment.backoff import compute_backoff
from requests_app.notifications.models import Outgoing

CLAIM_TIMEOUT = timedelta(minutes=2)
"""After this time another worker may claim a row that was not finished."""
INITIAL_PAUSE, MAX_PAUSE = timedelta(seconds=30), timedelta(hours=4)
MAX_ATTEMPTS = 16
"""About a day and a half."""
BATCH_SIZE = 50
MAX_FAILURE_LENGTH = 500
Row = TypeVar("Row", bound=Outgoing)


def claim_due(kind: type[Row], now: datetime) -> Iterator[Row]:
    """Due rows, each claimed before it is yielded. Rows not reached are left to the next pass."""
    due = kind._default_manager.filter(sent_at=None, gave_up_at=None, due_at__lte=now)  # noqa: SLF001 - Django documents it
    for pk in list(due.order_by("due_at").values_list("pk", flat=True)[:BATCH_SIZE]):
        if due.filter(pk=pk).update(due_at=now + CLAIM_TIMEOUT, attempts=F("attempts") + 1):
            yield kind._default_manager.get(pk=pk)  # noqa: SLF001


def mark_sent(row: Outgoing, now: datetime) -> None:
    row.sent_at, row.failure = now, ""
    row.save(update_fields=["sent_at", "failure"])


def record_failure(row: Outgoing, reason: str, now: datetime) -> None:
    """Schedule the next attempt, or give up after `MAX_ATTEMPTS`. Administration pages show the reason."""
    row.failure = reason[:MAX_FAILURE_LENGTH]
    row.due_at = now + compute_pause(row.attempts)
    if row.attempts >= MAX_ATTEMPTS:
        row.gave_up_at = now
    row.save(update_fields=["failure", "due_at", "gave_up_at"])


def give_up(row: Outgoing, reason: str, now: datetime) -> None:
    """Give up at once, as a retry would not help."""
    row.failure, row.gave_up_at = reason[:MAX_FAILURE_LENGTH], now
    row.save(update_fields=["failure", "gave_up_at"])


def compute_pause(attempts: int) -> timedelta:
    first, longest = INITIAL_PAUSE.total_seconds(), MAX_PAUSE.total_seconds()
    return timedelta(seconds=compute_backoff(attempts, initial=first, maximum=longest))
