"""Reads pages of GetTables in parallel under one rate, and compares them with the mirror in the same threads."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from background.tasks import StopSignal
from catalog.mirror.glue_parser import build_link_snapshot, is_resource_link
from catalog.mirror.snapshot import LinkSnapshot
from catalog.sync.diff import DatabaseReading, TableDifference
from kernel.backoff import compute_backoff
from workers.aws import glue
from workers.aws.errors import AwsError, ErrorKind

MAX_ATTEMPTS, MAX_THROTTLED_ATTEMPTS = 4, 8
INITIAL_PAUSE, MAX_PAUSE, PAUSE_JITTER = 0.2, 3.2, 0.25
"""Seconds before a page is asked for again."""
NO_TOKEN_PAUSE = 0.02
COMPARE_LOCK = threading.Lock()
"""Serializes CPU-bound comparison of all syncs in this process: parallel threads would not finish sooner, but
would make the writing thread wait longer for the interpreter.
"""
RETRIED_KINDS = {ErrorKind.THROTTLED, ErrorKind.CONFLICT, ErrorKind.UNKNOWN}


class Rate(Protocol):
    """A rate limit: gives tokens for calls, and adapts to their results."""

    def take_token(self) -> bool: ...

    def record_call(self, *, throttled: bool) -> None: ...


@dataclass(frozen=True)
class TablePage:
    """One page of tables, compared with the mirror. With `error` it could not be read, and is the database's last."""

    reading: DatabaseReading
    names: list[str] = field(default_factory=list)
    differences: list[TableDifference] = field(default_factory=list)
    links: list[LinkSnapshot] = field(default_factory=list)
    is_last: bool = True
    error: AwsError | None = None


@dataclass(frozen=True)
class _PageRequest:
    reading: DatabaseReading
    token: str = ""
    attempt: int = 0


Submit = Callable[..., Future[tuple[TablePage, str]]]


class PageReader:
    """Reads all tables of some databases. At most `max_pages` pages are being read, and as many wait to be consumed.
    They are compared one at a time, under `COMPARE_LOCK`.
    """

    def __init__(self, client: Any, catalog_id: str, rate: Rate, *, max_pages: int, stop: StopSignal) -> None:
        self._client = client
        self._catalog_id = catalog_id
        self._rate = rate
        self._at_once = max_pages
        self._stop = stop
        self._next: deque[_PageRequest] = deque()
        self._running: dict[Future[tuple[TablePage, str]], _PageRequest] = {}

    def iterate_pages(self, readings: Iterator[DatabaseReading]) -> Iterator[TablePage]:
        """Pages of one database come in order, those of several mixed; ends early when told to stop."""
        pool = ThreadPoolExecutor(self._at_once)
        try:
            while not self._stop.is_set() and self._fill(pool.submit, readings):
                done, _ = wait(self._running, timeout=NO_TOKEN_PAUSE, return_when=FIRST_COMPLETED)
                yield from self._yield_done(done, pool.submit, readings)
        finally:
            pool.shutdown(cancel_futures=True)

    def _yield_done(
        self,
        done: Iterable[Future[tuple[TablePage, str]]],
        submit: Submit,
        readings: Iterator[DatabaseReading],
    ) -> Iterator[TablePage]:
        """Submit further requests before each page is yielded, as the caller may write for long."""
        for future in done:
            page = self._finish_request(future)
            self._fill(submit, readings)
            if page:
                yield page

    def _fill(self, submit: Submit, readings: Iterator[DatabaseReading]) -> bool:
        """Submit requests as far as limits allow; returns whether any are running or queued."""
        while len(self._running) < 2 * self._at_once:
            if not self._next:
                reading = next(readings, None)
                if reading is None:
                    break
                self._next.append(_PageRequest(reading))
            if not self._rate.take_token():
                break
            wanted = self._next.popleft()
            self._running[submit(self._read, wanted)] = wanted
        if not self._running and self._next:
            time.sleep(NO_TOKEN_PAUSE)
        return bool(self._running or self._next)

    def _finish_request(self, future: Future[tuple[TablePage, str]]) -> TablePage | None:
        """The page of a finished request; None if the request is retried."""
        wanted = self._running.pop(future)
        try:
            page, token = future.result()
        except AwsError as error:
            is_throttled = error.kind is ErrorKind.THROTTLED
            self._rate.record_call(throttled=is_throttled)
            attempts = MAX_THROTTLED_ATTEMPTS if is_throttled else MAX_ATTEMPTS
            if error.kind in RETRIED_KINDS and wanted.attempt + 1 < attempts:
                self._next.append(_PageRequest(wanted.reading, wanted.token, wanted.attempt + 1))
                return None
            return TablePage(wanted.reading, error=error)
        self._rate.record_call(throttled=False)
        if token:
            # Before other databases: one that was begun is soon done with, and out of memory.
            self._next.appendleft(_PageRequest(wanted.reading, token))
        return page

    def _read(self, wanted: _PageRequest) -> tuple[TablePage, str]:
        """In a thread: no query here."""
        if wanted.attempt:
            pause = compute_backoff(
                wanted.attempt, initial=INITIAL_PAUSE, maximum=MAX_PAUSE, jitter=PAUSE_JITTER
            )
            self._stop.wait(pause)
        name = wanted.reading.database.name
        answers, token = glue.read_table_page(self._client, self._catalog_id, name, wanted.token)
        with COMPARE_LOCK:
            return _compare(wanted.reading, answers, is_last=not token), token


def _compare(reading: DatabaseReading, answers: Sequence[Mapping[str, Any]], *, is_last: bool) -> TablePage:
    tables = [answer for answer in answers if not is_resource_link(answer)]
    links = [answer for answer in answers if is_resource_link(answer)]
    return TablePage(
        reading,
        [answer.get("Name", "") for answer in tables],
        reading.find_differences(tables),
        [build_link_snapshot(answer, reading.database.name) for answer in links],
        is_last=is_last,
    )
