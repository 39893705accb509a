"""Retries writes until the database is back: the answer of a call to AWS is known to this worker alone."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_fixed

from fulfilment.background.database_errors import is_away, was_locked_out, was_too_slow

KNOCK_EVERY = 0.2
"""Seconds between two tries to speak to a database that went away."""


def when_it_answers(write: Callable[[], None]) -> None:
    """Write, and again while the database is away, stands still or has others hold the locks, for as long as a lease lasts.
    `write` is one transaction, and does no harm twice: whether one was committed whose answer was lost, nobody knows.
    """
    retrying = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_delay(settings.LEASE),
        wait=wait_fixed(KNOCK_EVERY),
        before_sleep=_leave_session,
        reraise=True,
    )
    retrying(write)


def _passes(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) and (
        is_away(error) or was_too_slow(error) or was_locked_out(error)
    )


def _leave_session(attempt: RetryCallState) -> None:
    """The next attempt speaks to the database anew, unless others only held the locks."""
    error = attempt.outcome and attempt.outcome.exception()
    if isinstance(error, DatabaseError) and not was_locked_out(error):
        connection.close()
