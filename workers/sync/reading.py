"""One reading of a catalog: listed page by page, written batch by batch, tombstoned at its end.

The reading is never trusted by halves: nothing is tombstoned but by a complete list. A reading that breaks off
leaves each table as it was or as it is.
"""

import threading
import time
from array import array
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings

from audit.clock import now as database_now
from catalog.mirror.glue_parser import database_snapshot, is_resource_link, link_snapshot
from catalog.mirror.models import Table
from catalog.mirror.snapshot import NO_TAGS, DatabaseSnapshot, LinkSnapshot, TableTags
from catalog.sync import database_writer
from catalog.sync.diff import Difference, Reading
from catalog.sync.finalize import follow_renames, store_links, store_locations
from catalog.sync.models import SyncProblem, SyncRun, SyncSettings
from catalog.sync.table_writer import Batch, Prepared, TableWriter, Written
from workers.aws import glue, lf_tags, rate_limit, reads
from workers.aws.glue_lookup import Reader
from workers.aws.sessions import client
from workers.sync.pages import TURN, Page, PageReader

SESSION = "meshmarket-sync"
BATCH = 500
"""Tables in a transaction, at most about."""
DATABASES = 100
"""Databases in a transaction."""
ALWAYS = 10
"""So many may vanish at once without a pause, however small the catalog is."""
MOST_ASKED = 50
PROGRESS_EVERY = 1.0
HANDFUL = 8


@dataclass
class Listed:
    """What GetDatabases said."""

    databases: list[DatabaseSnapshot] = field(default_factory=list)
    links: list[LinkSnapshot] = field(default_factory=list)


class CatalogReading:
    """Reads what a run asks for into the mirror; `touched` are the tables that it wrote or tombstoned."""

    def __init__(self, run: SyncRun, stop: threading.Event) -> None:
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
        self._unsure: list[tuple[Reading, str]] = []
        self._batch: list[Difference] = []
        self._preparing = ThreadPoolExecutor(1)
        self._ahead: Future[list[Prepared]] | None = None
        self._said_at = time.monotonic()
        self._allowed = self._allowance()
        self._replaced = 0

    def read(self) -> None:
        """AwsError when databases, tags or locations cannot be read; a database that cannot is in `failed`."""
        tags = lf_tags.read_assignments(self._client("lakeformation"), self.catalog_id)
        listed = self._list(tags)
        wanted = [each for each in listed.databases if self.run.database in {"", each.name}]
        self.run.pages_expected = len(wanted) + self._live().count() // glue.PAGE
        reader = PageReader(
            self._glue, self.catalog_id, self._rate, at_once=settings.SYNC_READERS, stop=self.stop
        )
        with self._preparing:
            for page in reader.pages(self._readings(wanted, tags)):
                self._take(page)
            self._write()
            self._write()  # What the first has had prepared.
        if self.stop.is_set():
            return
        self._ask_again()
        self._end(listed)

    def _allowance(self) -> float:
        """How many live tables may become tombstones."""
        if self.run.may_tombstone:
            return float("inf")
        chosen = SyncSettings.objects.filter(catalog=self.catalog).first() or SyncSettings()
        return float(max(ALWAYS, self._live().count() * chosen.pause_percent / 100))

    def _live(self) -> Any:
        live = Table.objects.filter(database__catalog=self.catalog, tombstoned_at=None)
        return live.filter(database__name=self.run.database) if self.run.database else live

    def _list(self, tags: lf_tags.Assignments) -> Listed:
        listed = Listed()
        for page in glue.database_pages(self._glue, self.catalog_id):
            for answer in page:
                if is_resource_link(answer):
                    listed.links.append(link_snapshot(answer))
                else:
                    listed.databases.append(database_snapshot(answer, tags.of_database(answer["Name"])))
        return listed

    def _readings(self, wanted: list[DatabaseSnapshot], tags: lf_tags.Assignments) -> Iterator[Reading]:
        for start in range(0, len(wanted), DATABASES):
            some = wanted[start : start + DATABASES]
            for database, written in database_writer.store_databases(self.catalog, some, self.now):
                self.run.changed += written
                self.run.databases += 1
                yield Reading(database, partial(_tags_of, tags.tables.pop(database.name, {})))

    def _take(self, page: Page) -> None:
        self.run.pages += 1
        if page.error:
            self._note(page)
            return
        page.reading.saw(page.names)
        self._links += page.links
        self.run.tables += len(page.names)
        self._batch += [each for each in page.differences if not self._is_held(each)]
        if page.is_last:
            self._close(page.reading)
        if len(self._batch) >= BATCH:
            self._write()
        if time.monotonic() - self._said_at > PROGRESS_EVERY:
            self._say()

    def _note(self, page: Page) -> None:
        name = page.reading.database.name
        self.failed.append(name)
        SyncProblem.objects.create(run=self.run, database=name, error=str(page.error))

    def _is_held(self, difference: Difference) -> bool:
        """A table made anew makes its old row a tombstone: as many as may vanish, no more."""
        if not difference.is_anew:
            return False
        self._replaced += 1
        return self._replaced > self._allowed

    def _close(self, reading: Reading) -> None:
        names = reading.vanished_names()
        if len(self._unsure) + len(names) <= MOST_ASKED:
            self._unsure += [(reading, name) for name in names]
        else:
            self._gone += reading.vanished()

    def _write(self) -> None:
        """Has a thread prepare what was read, and writes what it has prepared: PostgreSQL and we work at once."""
        batch, self._batch = self._batch, []
        prepared = self._ahead.result() if self._ahead else []
        self._ahead = self._preparing.submit(self._prepared, self._writer.begin(batch)) if batch else None
        self._count(self._writer.store(prepared, self.now))

    def _prepared(self, batch: Batch) -> list[Prepared]:
        with TURN:
            return batch.prepared(self.now)

    def _count(self, written: Written) -> None:
        self.run.made += len(written.made)
        self.run.changed += len(written.made) + len(written.altered)
        self.run.tombstoned += len(written.replaced)
        self.touched.extend([*written.made, *written.altered, *written.replaced])

    def _say(self) -> None:
        self._said_at = time.monotonic()
        self.run.save(update_fields=["pages", "pages_expected", "databases", "tables", "made", "changed", "tombstoned"])  # fmt: skip

    def _ask_again(self) -> None:
        """Few that no page named are looked for once more: a list that moved under the reader may have lost them."""
        looking = Reader(self.catalog.account, self.catalog.region, self.catalog.path)
        for reading, name in self._unsure:
            answer = looking.table(reading.database.name, name)
            if answer is None or is_resource_link(answer):
                self._gone.append(reading.pk_of(name))
            else:
                self._count(self._writer.write(reading.differences([answer]), self.now))

    def _end(self, listed: Listed) -> None:
        kept = [each.name for each in listed.databases]
        databases = database_writer.vanished_databases(self.catalog, kept, only=self.run.database)
        gone = [*self._gone, *database_writer.tables_of(databases)]
        if self._replaced + len(gone) > self._allowed:
            self.run.held = len(gone) + max(0, self._replaced - self.run.tombstoned)
            return
        self.run.tombstoned += database_writer.tombstone(gone, databases, self.now)
        self.touched.extend(gone)
        follow_renames(gone)
        if not self.run.database and not self.failed:
            store_links(self.catalog, [*listed.links, *self._links])
            locations = reads.registered_resources(self._client("lakeformation"))
            store_locations(self.catalog, locations)

    def _client(self, service: str) -> Any:
        catalog = self.catalog
        return client(
            service, account=catalog.account, role="observer", region=catalog.region, session_name=SESSION
        )


def _tags_of(tables: Mapping[str, TableTags], name: str) -> TableTags:
    return tables.get(name, NO_TAGS)


class GlueRate:
    """The bucket of GetTables in one account and region, shared with every other worker; a handful of tokens is drawn at a
    time, of which a reading may leave some unused.
    """

    def __init__(self, account: str, region: str) -> None:
        self._key = (account, region, "GetTables")
        self._slowed = False
        self._held = 0

    def take(self) -> bool:
        if not self._held:
            self._held = rate_limit.take_some(*self._key, HANDFUL, rate_limit.of_reads())
        if not self._held:
            return False
        self._held -= 1
        return True

    def told(self, *, throttled: bool) -> None:
        if throttled or self._slowed:
            rate_limit.adapt(*self._key, throttled=throttled, limit=rate_limit.of_reads())
        self._slowed = self._slowed or throttled
