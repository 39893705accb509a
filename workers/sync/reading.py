"""Syncs one catalog: lists pages, writes batches, and tombstones vanished tables at the end.

Only a complete list tombstones tables. A sync that is interrupted
leaves each table in its old or its new state.
"""

import threading
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from django.conf import settings

from background.tasks import StopSignal
from catalog.mirror.glue_parser import build_database_snapshot, build_link_snapshot, is_resource_link
from catalog.mirror.models import Table
from catalog.mirror.snapshot import NO_TAGS, DatabaseSnapshot, LinkSnapshot, TableTags
from catalog.sync import database_writer
from catalog.sync.database_writer import link_renamed_tables, store_links, store_locations, store_tag_keys
from catalog.sync.models import SyncProblem, SyncRun, SyncSettings
from catalog.sync.table_writer import (
    DatabaseReading,
    PreparedTable,
    TableBatch,
    TableDifference,
    TableWriter,
    WriteResult,
)
from kernel.backoff import compute_backoff
from kernel.clock import now as database_now
from workers.aws import calls, glue, reads
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.glue import GlueReader
from workers.aws.iam import confirmed_administrator
from workers.aws.sessions import get_client

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


SESSION_NAME = "meshmarket-sync"
BATCH_SIZE = 500
"""Tables in a transaction, at most about."""
DATABASE_BATCH_SIZE = 100
"""Databases in a transaction."""
MAX_VANISHED_WITHOUT_PAUSE = 10
"""Up to this many tables may vanish without a pause, however small the catalog is."""
MAX_RECHECKED_TABLES = 50
PROGRESS_INTERVAL = 1.0
TOKENS_PER_DRAW = 8


@dataclass
class DatabaseListing:
    """The result of GetDatabases."""

    databases: list[DatabaseSnapshot] = field(default_factory=list)
    links: list[LinkSnapshot] = field(default_factory=list)


class CatalogSync:
    """Reads the catalog, or the database, of a run into the mirror; `touched` are the ids of changed tables."""

    def __init__(self, run: SyncRun, stop: StopSignal) -> None:
        catalog = run.catalog
        self.run, self.catalog, self.stop = run, catalog, stop
        self.catalog_id = ":".join(filter(None, [catalog.account.account_id, catalog.path]))
        self.now = database_now()
        self.touched = array("q")
        self.failed: list[str] = []
        self._glue = self._client("glue")
        self._rate = GlueRate(catalog.account.account_id, catalog.region)
        self._writer = TableWriter(catalog.pk)
        self._links: list[LinkSnapshot] = []
        self._gone: list[int] = []
        self._unsure: list[tuple[DatabaseReading, str]] = []
        self._batch: list[TableDifference] = []
        self._preparing = ThreadPoolExecutor(1)
        self._prepared_batch: Future[list[PreparedTable]] | None = None
        self._saved_at = time.monotonic()
        self._allowed = self._compute_allowance()
        self._replaced = 0

    def read(self) -> None:
        """AwsError when databases, tags or locations cannot be read, or by an observer from whom AWS may hide some: what it
        does not list is not gone. A database that cannot be read is in `failed`.
        """
        with confirmed_administrator(self.catalog.account, self.catalog.region, SESSION_NAME):
            listed = self._read_tables()
        if not self.stop.is_set():
            self._finish(listed)

    def _read_tables(self) -> DatabaseListing:
        tags = reads.read_tag_assignments(self._client("lakeformation"), self.catalog_id)
        store_tag_keys(self.catalog, tags.keys, self.now)
        listed = self._list_databases(tags)
        databases = [database for database in listed.databases if self.run.database in {"", database.name}]
        self.run.pages_expected = len(databases) + self._live_tables().count() // glue.PAGE_SIZE
        reader = PageReader(
            self._glue, self.catalog_id, self._rate, max_pages=settings.SYNC_READERS, stop=self.stop
        )
        with self._preparing:
            for page in reader.iterate_pages(self._iterate_readings(databases, tags)):
                self._process_page(page)
            self._write_batch()
            self._write_batch()  # What the first has had prepared.
        if not self.stop.is_set():
            # Read single tables that no page had again, as a listing that changed during reading may have
            # missed them.
            looking = GlueReader(self.catalog.account, self.catalog.region, self.catalog.path)
            for reading, name in self._unsure:
                answer = looking.find_table(reading.database.name, name)
                if answer is None or is_resource_link(answer):
                    self._gone.append(reading.get_pk(name))
                else:
                    self._count_written(self._writer.write(reading.find_differences([answer]), self.now))
        return listed

    def _compute_allowance(self) -> float:
        """How many live tables may become tombstones."""
        if self.run.may_tombstone:
            return float("inf")
        chosen = SyncSettings.objects.filter(catalog=self.catalog).first() or SyncSettings()
        return float(
            max(MAX_VANISHED_WITHOUT_PAUSE, self._live_tables().count() * chosen.pause_percent / 100)
        )

    def _live_tables(self) -> Any:
        live = Table.objects.filter(database__catalog=self.catalog, tombstoned_at=None)
        return live.filter(database__name=self.run.database) if self.run.database else live

    def _list_databases(self, tags: reads.TagAssignments) -> DatabaseListing:
        listed = DatabaseListing()
        for page in glue.iterate_database_pages(self._glue, self.catalog_id):
            for answer in page:
                if is_resource_link(answer):
                    listed.links.append(build_link_snapshot(answer))
                else:
                    listed.databases.append(
                        build_database_snapshot(answer, tags.get_database_tags(answer["Name"]))
                    )
        return listed

    def _iterate_readings(
        self, wanted: list[DatabaseSnapshot], tags: reads.TagAssignments
    ) -> Iterator[DatabaseReading]:
        for start in range(0, len(wanted), DATABASE_BATCH_SIZE):
            some = wanted[start : start + DATABASE_BATCH_SIZE]
            for database, written in database_writer.store_databases(self.catalog, some, self.now):
                self.run.changed += written
                self.run.databases += 1
                yield DatabaseReading(database, partial(_get_table_tags, tags.tables.pop(database.name, {})))

    def _process_page(self, page: TablePage) -> None:
        self.run.pages += 1
        if page.error:
            name = page.reading.database.name
            self.failed.append(name)
            SyncProblem.objects.create(run=self.run, database=name, error=str(page.error))
            return
        page.reading.mark_seen(page.names)
        self._links += page.links
        self.run.tables += len(page.names)
        self._batch += [difference for difference in page.differences if not self._is_held_back(difference)]
        if page.is_last:
            names = page.reading.list_vanished_names()
            if len(self._unsure) + len(names) <= MAX_RECHECKED_TABLES:
                self._unsure += [(page.reading, name) for name in names]
            else:
                self._gone += page.reading.list_vanished()
        if len(self._batch) >= BATCH_SIZE:
            self._write_batch()
        if time.monotonic() - self._saved_at > PROGRESS_INTERVAL:
            self._saved_at = time.monotonic()
            self.run.save(
                update_fields=[
                    "pages",
                    "pages_expected",
                    "databases",
                    "tables",
                    "made",
                    "changed",
                    "tombstoned",
                ]
            )

    def _is_held_back(self, difference: TableDifference) -> bool:
        """Whether a recreated table is held back: its old row becomes a tombstone, and counts against the limit."""
        if not difference.is_recreated:
            return False
        self._replaced += 1
        return self._replaced > self._allowed

    def _write_batch(self) -> None:
        """Prepare the current batch in a thread while the batch before is written to PostgreSQL."""
        batch, self._batch = self._batch, []
        prepared = self._prepared_batch.result() if self._prepared_batch else []
        self._prepared_batch = (
            self._preparing.submit(self._prepare, self._writer.start_batch(batch)) if batch else None
        )
        self._count_written(self._writer.store(prepared, self.now))

    def _prepare(self, batch: TableBatch) -> list[PreparedTable]:
        with COMPARE_LOCK:
            return batch.prepare(self.now)

    def _count_written(self, written: WriteResult) -> None:
        self.run.made += len(written.created)
        self.run.changed += len(written.created) + len(written.updated)
        self.run.tombstoned += len(written.replaced)
        self.touched.extend([*written.created, *written.updated, *written.replaced])

    def _finish(self, listed: DatabaseListing) -> None:
        kept = [database.name for database in listed.databases]
        databases = database_writer.list_vanished_databases(self.catalog, kept, only=self.run.database)
        gone = [*self._gone, *database_writer.list_live_table_ids(databases)]
        if self._replaced + len(gone) > self._allowed:
            self.run.held = len(gone) + max(0, self._replaced - self.run.tombstoned)
            return
        self.run.tombstoned += database_writer.tombstone_rows(gone, databases, self.now)
        self.touched.extend(gone)
        link_renamed_tables(gone)
        if not self.run.database and not self.failed:
            store_links(self.catalog, [*listed.links, *self._links])
            locations = reads.list_registered_resources(self._client("lakeformation"))
            store_locations(self.catalog, locations)

    def _client(self, service: str) -> Any:
        catalog = self.catalog
        return get_client(
            service,
            account=catalog.account,
            role="observer",
            region=catalog.region,
            session_name=SESSION_NAME,
        )


def _get_table_tags(tables: Mapping[str, TableTags], name: str) -> TableTags:
    return tables.get(name, NO_TAGS)


class GlueRate:
    """The bucket of GetTables in one account and region, shared with every other worker; a handful of tokens is drawn at a
    time, of which a reading may leave some unused. A rate that was lowered in an earlier reading rises again in this one.
    """

    def __init__(self, account: str, region: str) -> None:
        self._key = (account, region, "GetTables")
        self._slowed = calls.is_slowed(*self._key, calls.get_read_limit())
        self._tokens = 0

    def take_token(self) -> bool:
        if not self._tokens:
            self._tokens = calls.take_tokens(*self._key, TOKENS_PER_DRAW, calls.get_read_limit())
        if not self._tokens:
            return False
        self._tokens -= 1
        return True

    def record_call(self, *, throttled: bool) -> None:
        if throttled or self._slowed:
            calls.adapt_rate(*self._key, throttled=throttled, limit=calls.get_read_limit())
        self._slowed = self._slowed or throttled
