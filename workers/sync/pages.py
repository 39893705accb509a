"""Reads pages of GetTables in parallel under one rate, and compares them with the mirror in the same threads."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

from catalog.mirror.glue_parser import is_resource_link, link_snapshot
from catalog.mirror.snapshot import LinkSnapshot
from catalog.sync.diff import Difference, Reading
from fulfilment.backoff import backoff
from workers.aws import glue
from workers.aws.errors import AwsError, ErrorKind

MOST_ATTEMPTS = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 0.8
"""Seconds before a page is asked for again."""
NO_TOKEN_PAUSE = 0.02
TURN = threading.Lock()
"""For what is the interpreter's work alone, of every reading in this process: several threads at it are no sooner done, but
each makes whoever writes wait longer for the interpreter.
"""
AGAIN = {ErrorKind.THROTTLED, ErrorKind.CONFLICT, ErrorKind.UNKNOWN}


class Rate(Protocol):
    """Who may say that it is too early for a call, and wants to hear how calls went."""

    def take(self) -> bool: ...

    def told(self, *, throttled: bool) -> None: ...


@dataclass(frozen=True)
class Page:
    """What one page said; `error` instead when it could not be read, and then the database ends with it."""

    reading: Reading
    names: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    links: list[LinkSnapshot] = field(default_factory=list)
    is_last: bool = True
    error: AwsError | None = None


@dataclass(frozen=True)
class _Wanted:
    reading: Reading
    token: str = ""
    attempt: int = 0


Submit = Callable[..., Future[tuple[Page, str]]]


class PageReader:
    """Reads all tables of some databases. At most `at_once` pages are under way, and as many wait to be taken.
    They are compared in `TURN`, one after the other.
    """

    def __init__(
        self, client: Any, catalog_id: str, rate: Rate, *, at_once: int, stop: threading.Event
    ) -> None:
        self._client = client
        self._catalog_id = catalog_id
        self._rate = rate
        self._at_once = at_once
        self._stop = stop
        self._next: deque[_Wanted] = deque()
        self._running: dict[Future[tuple[Page, str]], _Wanted] = {}

    def pages(self, readings: Iterator[Reading]) -> Iterator[Page]:
        """Pages of one database come in order, those of several mixed; ends early when told to stop."""
        pool = ThreadPoolExecutor(self._at_once)
        try:
            while not self._stop.is_set() and self._fill(pool.submit, readings):
                done, _ = wait(self._running, timeout=NO_TOKEN_PAUSE, return_when=FIRST_COMPLETED)
                yield from self._handed_out(done, pool.submit, readings)
        finally:
            pool.shutdown(cancel_futures=True)

    def _handed_out(
        self, done: Iterable[Future[tuple[Page, str]]], submit: Submit, readings: Iterator[Reading]
    ) -> Iterator[Page]:
        """Others are asked for before each: who takes a page may write for long, and shall not be waited for."""
        for future in done:
            page = self._taken(future)
            self._fill(submit, readings)
            if page:
                yield page

    def _fill(self, submit: Submit, readings: Iterator[Reading]) -> bool:
        """Starts what may start; says whether anything is under way or wanted."""
        while len(self._running) < 2 * self._at_once:
            if not self._next:
                reading = next(readings, None)
                if reading is None:
                    break
                self._next.append(_Wanted(reading))
            if not self._rate.take():
                break
            wanted = self._next.popleft()
            self._running[submit(self._read, wanted)] = wanted
        if not self._running and self._next:
            time.sleep(NO_TOKEN_PAUSE)
        return bool(self._running or self._next)

    def _taken(self, future: Future[tuple[Page, str]]) -> Page | None:
        """The page that a call brought; nothing when it shall be asked for again."""
        wanted = self._running.pop(future)
        try:
            page, token = future.result()
        except AwsError as error:
            self._rate.told(throttled=error.kind is ErrorKind.THROTTLED)
            if error.kind in AGAIN and wanted.attempt + 1 < MOST_ATTEMPTS:
                self._next.append(_Wanted(wanted.reading, wanted.token, wanted.attempt + 1))
                return None
            return Page(wanted.reading, error=error)
        self._rate.told(throttled=False)
        if token:
            # Before other databases: one that was begun is soon done with, and out of memory.
            self._next.appendleft(_Wanted(wanted.reading, token))
        return page

    def _read(self, wanted: _Wanted) -> tuple[Page, str]:
        """In a thread: no query here."""
        if wanted.attempt:
            self._stop.wait(backoff(wanted.attempt, first=FIRST_PAUSE, longest=LONGEST_PAUSE))
        name = wanted.reading.database.name
        answers, token = glue.table_page(self._client, self._catalog_id, name, wanted.token)
        with TURN:
            return _compared(wanted.reading, answers, is_last=not token), token


def _compared(reading: Reading, answers: Sequence[Mapping[str, Any]], *, is_last: bool) -> Page:
    tables = [answer for answer in answers if not is_resource_link(answer)]
    links = [answer for answer in answers if is_resource_link(answer)]
    return Page(
        reading,
        [answer.get("Name", "") for answer in tables],
        reading.differences(tables),
        [link_snapshot(answer, reading.database.name) for answer in links],
        is_last=is_last,
    )
