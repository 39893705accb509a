"""At-least-once delivery: one worker claims each row; failures are retried with back-off and jitter, up to a limit."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, QuerySet

from kernel.backoff import compute_backoff
from kernel.clock import now as database_now
from requests_app.notifications.models import Outgoing

CLAIM_TIMEOUT = timedelta(minutes=2)
"""After this time another worker may claim a row that was not finished."""
INITIAL_PAUSE, MAX_PAUSE = timedelta(seconds=5), timedelta(hours=4)
MAX_ATTEMPTS = 19
"""About a day and a half."""
MAX_FAILURE_LENGTH = 500
Row = TypeVar("Row", bound=Outgoing)


def claim_row(kind: type[Row], row_id: int, now: datetime) -> Row | None:
    """The row, claimed for some minutes; None if it is not due, or another worker has it."""
    due = kind._default_manager.filter(pk=row_id, sent_at=None, gave_up_at=None, due_at__lte=now)  # noqa: SLF001 - Django documents it
    if not due.update(due_at=now + CLAIM_TIMEOUT, attempts=F("attempts") + 1):
        return None
    return kind._default_manager.get(pk=row_id)  # noqa: SLF001


def mark_sent(row: Outgoing, now: datetime) -> None:
    row.sent_at, row.failure = now, ""
    row.save(update_fields=["sent_at", "failure"])


def record_failure(row: Outgoing, reason: str, now: datetime) -> float | None:
    """Schedule the next attempt, or give up after `MAX_ATTEMPTS`; returns the seconds until then. Administration pages show
    the reason.
    """
    row.failure = reason[:MAX_FAILURE_LENGTH]
    row.due_at = now + compute_pause(row.attempts)
    if row.attempts >= MAX_ATTEMPTS:
        row.gave_up_at = now
    row.save(update_fields=["failure", "due_at", "gave_up_at"])
    return None if row.gave_up_at else (row.due_at - now).total_seconds()


def postpone_due(rows: QuerySet[Any], now: datetime) -> None:
    """Postpone those of the rows that are due, as their receiver does not respond: it is asked for one at a time."""
    rows.filter(sent_at=None, gave_up_at=None, due_at__lte=now).update(due_at=now + INITIAL_PAUSE)


def fail_row(kind: type[Outgoing], row_id: int, reason: str) -> None:
    """Schedule another attempt after an unexpected exception."""
    record_failure(kind._default_manager.get(pk=row_id), reason, database_now())  # noqa: SLF001


def give_up(row: Outgoing, reason: str, now: datetime) -> None:
    """Give up at once, as a retry would not help."""
    row.failure, row.gave_up_at = reason[:MAX_FAILURE_LENGTH], now
    row.save(update_fields=["failure", "gave_up_at"])


def compute_pause(attempts: int) -> timedelta:
    first, longest = INITIAL_PAUSE.total_seconds(), MAX_PAUSE.total_seconds()
    return timedelta(seconds=compute_backoff(attempts, initial=first, maximum=longest, jitter=0.25))
