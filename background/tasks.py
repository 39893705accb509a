"""Background tasks: each repeats at an interval, in a thread. No exception ends the thread.

An exception is logged with its traceback and an id, and recorded in the task's health row. The task is tried again
with back-off; other tasks go on.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Protocol

from django.db import DatabaseError, OperationalError, connections

from background.health import Reporter, report_failure, report_success
from kernel.backoff import compute_backoff

SHUTDOWN_PREFIX = "57P0"
"""Prefix of the SQLSTATEs of a server that stops, crashed or starts (PostgreSQL, appendix "Error Codes")."""
TRANSACTION_TIMEOUT = "25P04"
"""SQLSTATE of a transaction that exceeded `transaction_timeout`."""
LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a statement that exceeded `lock_timeout`. The session stays usable."""


def is_unavailable(error: DatabaseError) -> bool:
    """Whether the server is unavailable. A session that PostgreSQL ended for a timeout has a SQLSTATE; a broken or
    refused connection has none.
    """
    state = _sqlstate(error)
    return isinstance(error, OperationalError) and (state is None or state.startswith(SHUTDOWN_PREFIX))


def is_transaction_timeout(error: DatabaseError) -> bool:
    """Whether the transaction exceeded `transaction_timeout` and was rolled back."""
    return _sqlstate(error) == TRANSACTION_TIMEOUT


def is_lock_timeout(error: DatabaseError) -> bool:
    """Whether a lock was not available in time. Nothing was written."""
    return _sqlstate(error) == LOCK_NOT_AVAILABLE


def _sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


logger = logging.getLogger(__name__)
MAX_WAIT = 60.0
"""Seconds, at most, between two tries of a task that fails."""
MIN_WAIT = 1.0
REPORT_INTERVAL = 20.0
"""Seconds between two reports of a task that works."""
MAX_TRANSIENT_FAILURES = 3
"""From this many transient database errors in a row on, the task counts as failed."""


def log_unexpected_error(what: str, error: BaseException) -> str:
    """Log an unexpected exception with its traceback; returns the id that finds it in the log."""
    error_id = token_hex(4)
    logger.error("%s failed, error %s: %s", what, error_id, type(error).__name__, exc_info=error)
    return error_id


def is_transient_error(error: BaseException) -> bool:
    """Whether the error is a database outage, timeout or lock timeout, after which the same work may succeed."""
    return isinstance(error, DatabaseError) and (
        is_unavailable(error) or is_transaction_timeout(error) or is_lock_timeout(error)
    )


class StopSignal(Protocol):
    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass
class BackgroundTask:
    """Work that one thread repeats every `interval` seconds."""

    name: str
    work: Callable[[], object]
    interval: float
    max_wait: float = float("inf")
    """Seconds, at most, until the next try after a failure, if less than `MAX_WAIT`."""
    report: Callable[[Reporter], object] = report_success
    """Records that it works."""
    failures: int = 0
    due_at: float = 0.0
    is_failing: bool = True
    """Starts as True, so that the first success ends a failure that an earlier process reported."""
    reported_at: float = field(default=float("-inf"))

    def run(self, process: str) -> bool:
        """Run the work once; returns whether it succeeded. Never raises an Exception."""
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - what keeps the thread alive: it is logged, counted and shown
            self._record_failure(process, error)
            return False
        self.due_at, self.failures = time.monotonic() + self.interval, 0
        if self.is_failing or time.monotonic() - self.reported_at >= REPORT_INTERVAL:
            self._report(lambda: self.report(self._build_reporter(process)))
        return True

    @property
    def is_backing_off(self) -> bool:
        """Whether it failed and its next try is not due yet."""
        return self.failures > 0 and self.due_at > time.monotonic()

    @property
    def is_due(self) -> bool:
        return self.due_at <= time.monotonic()

    def schedule(self) -> None:
        self.due_at = time.monotonic() + self.interval

    def _record_failure(self, process: str, error: Exception) -> None:
        self.failures += 1
        passing = is_transient_error(error)
        backoff = min(compute_task_backoff(self.failures, self.interval), self.max_wait)
        wait = self.interval if passing else backoff
        self.due_at = time.monotonic() + wait
        if isinstance(error, DatabaseError):
            connections.close_all()
        if passing and self.failures < MAX_TRANSIENT_FAILURES:
            logger.warning("%s: %s; trying again", self.name, error)
            return
        error_id = (
            error.error_id
            if isinstance(error, PartialFailureError)
            else log_unexpected_error(self.name, error)
        )
        cause = error.first_error if isinstance(error, PartialFailureError) else error
        self.is_failing = True
        self._report(lambda: report_failure(self._build_reporter(process), cause, error_id, wait=wait))

    def _build_reporter(self, process: str) -> Reporter:
        return Reporter(self.name, process, self.interval)

    def _report(self, write: Callable[[], object]) -> None:
        try:
            write()
        except DatabaseError as error:
            logger.warning("the health of %s could not be written: %s", self.name, error)
            connections.close_all()
            return
        self.reported_at = time.monotonic()
        self.is_failing = self.failures > 0


def compute_task_backoff(failures: int, interval: float) -> float:
    """Seconds until the next try: the interval, doubled with each failure, `MAX_WAIT` at most."""
    return compute_backoff(failures, initial=max(interval, MIN_WAIT), maximum=MAX_WAIT, jitter=0.25)


def run_until(stop: StopSignal, tasks: Sequence[BackgroundTask], process: str) -> None:
    """Run the tasks of one thread, each when it is due, until `stop`."""
    for part in tasks:
        part.schedule()
    while not stop.wait(max(0.0, min(part.due_at for part in tasks) - time.monotonic())):
        for part in tasks:
            if part.due_at <= time.monotonic() and not stop.is_set():
                part.run(process)
    connections.close_all()


class PartialFailureError(Exception):
    """Some items of a task failed and the others succeeded. `first_error` is the first exception."""

    def __init__(self, count: int, first: Exception, error_id: str) -> None:
        super().__init__(f"{count} failed, the first with {type(first).__name__}")
        self.first_error = first
        self.error_id = error_id


class ErrorCollector:
    """Collects unexpected exceptions of single items, so that one bad row does not stop the others."""

    def __init__(self) -> None:
        self._errors: list[tuple[Exception, str]] = []

    @contextmanager
    def collect(self, what: str, on_error: Callable[[str], object] | None = None) -> Iterator[None]:
        """Log an exception and call `on_error` with a sentence about it. Transient database errors are raised."""
        try:
            yield
        except Exception as error:
            if is_transient_error(error):
                raise
            error_id = log_unexpected_error(what, error)
            self._errors.append((error, error_id))
            if on_error is not None:
                on_error(f"an unexpected {type(error).__name__}: error {error_id} in the workers' log")

    def raise_first(self) -> None:
        """Raise PartialFailureError if anything failed."""
        if self._errors:
            first, error_id = self._errors[0]
            raise PartialFailureError(len(self._errors), first, error_id)
