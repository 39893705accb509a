"""Background parts: each is done again and again, in a thread, and no exception ends it.

An exception is logged with its traceback and an id, written to `PartHealth`, and the part is tried again, later each
time. The parts beside it go on.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex

from django.db import DatabaseError, connections

from fulfilment.background.database_errors import is_away, was_locked_out, was_too_slow
from fulfilment.background.health import Reporter, report_failure, report_success
from fulfilment.backoff import backoff

logger = logging.getLogger(__name__)
LONGEST_WAIT = 60.0
"""Seconds between two tries of a part that fails."""
SHORTEST_WAIT = 1.0
REPORT_EVERY = 20.0
"""Seconds between two reports of a part that works."""
PASSING = 3
"""How often in a row the database may be slow or locked before that counts as a failure of the part."""


def log_fault(what: str, error: BaseException) -> str:
    """Log an unexpected exception with its traceback; returns the id that finds it in the log."""
    error_id = token_hex(4)
    logger.error("%s failed, error %s: %s", what, error_id, type(error).__name__, exc_info=error)
    return error_id


def is_passing(error: BaseException) -> bool:
    """Whether the database was away, too slow or locked: nothing is wrong with what was being done."""
    return isinstance(error, DatabaseError) and (
        is_away(error) or was_too_slow(error) or was_locked_out(error)
    )


@dataclass
class Part:
    """Something that is done every so many seconds. One thread does it."""

    name: str
    work: Callable[[], object]
    every: float
    failures: int = 0
    due: float = 0.0
    is_failing: bool = True
    """Until it has worked once: what a process before this one reported is then over."""
    reported: float = field(default=float("-inf"))

    def attempt(self, process: str) -> bool:
        """Do it once; whether it went well. Never raises an Exception."""
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - what keeps the thread alive: it is logged, counted and shown
            self._fail(process, error)
            return False
        self._succeed(process)
        return True

    @property
    def is_backing_off(self) -> bool:
        """Whether it failed, and is not to be tried again yet."""
        return self.failures > 0 and self.due > time.monotonic()

    def begin(self) -> None:
        self.due = time.monotonic() + self.every

    def _succeed(self, process: str) -> None:
        self.due, self.failures = time.monotonic() + self.every, 0
        if self.is_failing or time.monotonic() - self.reported >= REPORT_EVERY:
            self._report(lambda: report_success(self._as(process)))

    def _fail(self, process: str, error: Exception) -> None:
        self.failures += 1
        passing = is_passing(error)
        wait = self.every if passing else back_off(self.failures, self.every)
        self.due = time.monotonic() + wait
        if isinstance(error, DatabaseError):
            connections.close_all()
        if passing and self.failures < PASSING:
            logger.warning("%s: %s; trying again", self.name, error)
            return
        error_id = error.error_id if isinstance(error, PartlyFailedError) else log_fault(self.name, error)
        cause = error.first if isinstance(error, PartlyFailedError) else error
        self.is_failing = True
        self._report(lambda: report_failure(self._as(process), cause, error_id, wait=wait))

    def _as(self, process: str) -> Reporter:
        return Reporter(self.name, process, self.every)

    def _report(self, write: Callable[[], None]) -> None:
        try:
            write()
        except DatabaseError as error:
            logger.warning("the health of %s could not be written: %s", self.name, error)
            connections.close_all()
            return
        self.reported = time.monotonic()
        self.is_failing = self.failures > 0


def back_off(failures: int, every: float) -> float:
    """Seconds until the next try: from its pace on doubled each time, `LONGEST_WAIT` at the most."""
    return backoff(failures, first=max(every, SHORTEST_WAIT), longest=LONGEST_WAIT, jitter=0.25)


def run_until(stop: threading.Event, parts: Sequence[Part], process: str) -> None:
    """Do the parts of one thread, each when it is due, until `stop`."""
    for part in parts:
        part.begin()
    while not stop.wait(max(0.0, min(part.due for part in parts) - time.monotonic())):
        for part in parts:
            if part.due <= time.monotonic() and not stop.is_set():
                part.attempt(process)
    connections.close_all()


class PartlyFailedError(Exception):
    """Some of the things that a part does failed, and the others were done. `first` is the first exception."""

    def __init__(self, count: int, first: Exception, error_id: str) -> None:
        super().__init__(f"{count} failed, the first with {type(first).__name__}")
        self.first = first
        self.error_id = error_id


class Faults:
    """Collects unexpected exceptions of single things, so that one bad row stops no other; `raise_first` tells of them."""

    def __init__(self) -> None:
        self._found: list[tuple[Exception, str]] = []

    @contextmanager
    def caught(self, what: str, on_fault: Callable[[str], object] | None = None) -> Iterator[None]:
        """What fails inside is logged, and `on_fault` is told a sentence about it. A database that is away stops all."""
        try:
            yield
        except Exception as error:
            if is_passing(error):
                raise
            error_id = log_fault(what, error)
            self._found.append((error, error_id))
            if on_fault is not None:
                on_fault(f"an unexpected {type(error).__name__}: error {error_id} in the workers' log")

    def raise_first(self) -> None:
        """Raise PartlyFailedError if anything failed."""
        if self._found:
            first, error_id = self._found[0]
            raise PartlyFailedError(len(self._found), first, error_id)
