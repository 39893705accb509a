"""Retries writes until the database is back, so that the result of a call to AWS is not lost."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_fixed

from background.database_errors import is_lock_timeout, is_transaction_timeout, is_unavailable

RETRY_INTERVAL = 0.2
"""Seconds between two attempts while the database is unavailable."""


def retry_write(write: Callable[[], None]) -> None:
    """Call `write`, and retry on outages, timeouts and lock timeouts for the duration of a lease.
    `write` must be one transaction and idempotent, as a commit may have succeeded although its response was lost.
    """
    retrying = Retrying(
        retry=retry_if_exception(_is_transient),
        stop=stop_after_delay(settings.LEASE),
        wait=wait_fixed(RETRY_INTERVAL),
        before_sleep=_close_connection,
        reraise=True,
    )
    retrying(write)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) and (
        is_unavailable(error) or is_transaction_timeout(error) or is_lock_timeout(error)
    )


def _close_connection(attempt: RetryCallState) -> None:
    """Close the connection before the next attempt, except after a lock timeout."""
    error = attempt.outcome and attempt.outcome.exception()
    if isinstance(error, DatabaseError) and not is_lock_timeout(error):
        connection.close()
