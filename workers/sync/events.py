"""Updates the mirror by Glue's events, which come by EventBridge and SQS. The full reading is the truth.

What CloudTrail tells over the same queue wakes scopes: see `workers.cloudtrail.wakeups`.

An event says no more than where to look: the table is read anew. So events may be doubled, late, out of order
or lost (AWS Glue developer guide, "Automating AWS Glue with EventBridge": best effort) and the mirror is right
all the same, with the next full reading at the latest.
"""

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from django.db import connections

from audit.clock import now as database_now
from catalog.mirror.glue_parser import database_snapshot, is_resource_link, tags_of
from catalog.mirror.models import Database
from catalog.search.index.indexing import index_products_of
from catalog.storable_text import storable
from catalog.sync import database_writer
from catalog.sync.diff import Reading
from catalog.sync.finalize import follow_renames
from catalog.sync.models import SyncRun, SyncSettings
from catalog.sync.table_writer import TableWriter
from fulfilment.background.parts import Faults, back_off
from identity.accounts.models import ConnectedCatalog
from workers.aws import event_queue
from workers.aws.errors import AwsError, ErrorKind, translated
from workers.aws.glue_lookup import Reader
from workers.aws.lf_tags import Assignments
from workers.aws.sessions import client, forget
from workers.cloudtrail.wakeups import nudge
from workers.sync.reading import ALWAYS

SESSION = "meshmarket-events"
WAIT = 1
"""Seconds that an empty queue is listened to; then it is looked whether to stop."""
QUEUES_AT_ONCE = 16
SOURCE = "aws.glue"
logger = logging.getLogger(__name__)

Wanted = dict[str, set[str]]
"""Tables by database; a database without tables was itself made, changed or dropped."""


class EventQueues:
    """Takes events from every queue that is set, at once. One that does not answer, or is refused, holds up no other."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(QUEUES_AT_ONCE, "events")
        self._taking: dict[int, Future[int]] = {}
        self._failures: Counter[int] = Counter()
        self._not_before: dict[int, float] = {}

    def look(self, stop: threading.Event) -> None:
        """Begin to listen to each queue that is not listened to, and see what has come of the others, for a second at most.
        PartlyFailedError of what failed unexpectedly.
        """
        chosen = SyncSettings.objects.exclude(events_queue_url="").select_related("catalog__account")
        for one in chosen.exclude(pk__in=self._taking):
            if self._not_before.get(one.pk, 0.0) <= time.monotonic() and not stop.is_set():
                self._taking[one.pk] = self._pool.submit(_take, one)
        if not self._taking:
            stop.wait(WAIT)
        wait(self._taking.values(), WAIT, FIRST_COMPLETED)
        faults = Faults()
        for pk in [pk for pk, one in self._taking.items() if one.done()]:
            with faults.caught(f"the events of catalog settings {pk}"):
                self._end(pk, self._taking.pop(pk))
        faults.raise_first()

    def _end(self, pk: int, taken: Future[int]) -> None:
        error = taken.exception()
        if error is None:
            self._failures.pop(pk, None)
            return
        self._failures[pk] += 1
        self._not_before[pk] = time.monotonic() + back_off(self._failures[pk], WAIT)
        if isinstance(error, AwsError):
            forget(error)
            logger.warning("The events of catalog settings %s cannot be read: %s", pk, error)
            return
        raise error


def _take(chosen: SyncSettings) -> int:
    try:
        return take_events(chosen)
    finally:
        connections.close_all()


def take_events(chosen: SyncSettings, seconds: int = WAIT) -> int:
    """Look at what the next messages name, then take these out of the queue; returns how many they were.

    AwsError when the queue or Glue does not answer: the messages then come again.
    """
    catalog, queue = chosen.catalog, chosen.events_queue_url
    sqs = _client(catalog, "sqs")
    messages = event_queue.receive(sqs, queue, seconds)
    if messages:
        wanted = named_by(message.event for message in messages)
        for database, tables in sorted(wanted.items()):
            _Look(catalog, database).at(tables)
        nudge(catalog, [message.event for message in messages], database_now())
        event_queue.delete(sqs, queue, messages)
    return len(messages)


def named_by(events: Iterable[Mapping[str, Any] | None]) -> Wanted:
    """What these events of Glue are about; those of others, and those that make no sense, are passed over."""
    found: Wanted = defaultdict(set)
    for event in events:
        detail = event.get("detail") if event and event.get("source") == SOURCE else None
        if isinstance(detail, Mapping) and isinstance(detail.get("databaseName"), str):
            tables = [*_listed(detail.get("changedTables")), *_listed([detail.get("tableName")])]
            found[storable(detail["databaseName"], 255)].update(tables)
    return found


def _listed(names: Any) -> list[str]:
    return [name for name in names if isinstance(name, str) and name] if isinstance(names, list) else []


class _Look:
    """One database of a catalog, and some of its tables, as they are now."""

    def __init__(self, catalog: ConnectedCatalog, name: str) -> None:
        self._catalog, self._name = catalog, name
        self._looking = Reader(catalog.account, catalog.region, catalog.path)
        self._catalog_id = ":".join(filter(None, [catalog.account.account_id, catalog.path]))
        self._tags = Assignments()
        self._now = database_now()

    def at(self, tables: set[str]) -> None:
        known = Database.objects.filter(catalog=self._catalog, name=self._name, tombstoned_at=None).first()
        if known is None or not tables:
            known = self._database()
        if known and tables:
            self._tables(known, tables)

    def _database(self) -> Database | None:
        """The row of the database as Glue has it now; None when it has none, or a link."""
        answer = self._looking.database(self._name)
        if answer is None:
            self._drop()
            return None
        if is_resource_link(answer):
            return None
        found = self._assigned({"Database": {"CatalogId": self._catalog_id, "Name": self._name}})
        self._tags.add_database(self._name, tags_of(found.get("LFTagOnDatabase")))
        snapshot = database_snapshot(answer, self._tags.of_database(self._name))
        return database_writer.store_database(self._catalog, snapshot, self._now)[0]

    def _drop(self) -> None:
        """A small database is gone at once; of a large one a full reading decides, which may pause."""
        gone = database_writer.vanished_databases(self._catalog, [], only=self._name)
        tables = database_writer.tables_of(gone)
        if len(tables) > ALWAYS:
            SyncRun.objects.create(catalog=self._catalog, database=self._name, requested_at=database_now())
            return
        database_writer.tombstone(tables, gone, self._now)
        follow_renames(tables)
        index_products_of(tables)

    def _tables(self, database: Database, names: set[str]) -> None:
        answers = {name: self._looking.table(self._name, name) for name in sorted(names)}
        there = [answer for answer in answers.values() if answer and not is_resource_link(answer)]
        for answer in there:
            self._add_tags(answer["Name"])
        reading = Reading(database, partial(self._tags.of_table, self._name), only=names)
        reading.saw(answer["Name"] for answer in there)
        written = TableWriter(self._catalog.pk).write(reading.differences(there), self._now)
        gone = reading.vanished()
        database_writer.tombstone(gone, [], self._now)
        follow_renames(gone)
        index_products_of([*written.made, *written.altered, *written.replaced, *gone])

    def _add_tags(self, name: str) -> None:
        where = {"CatalogId": self._catalog_id, "DatabaseName": self._name, "Name": name}
        self._tags.add_table({"Table": where, **self._assigned({"Table": where})})

    def _assigned(self, resource: dict[str, Any]) -> dict[str, Any]:
        """GetResourceLFTags; nothing where the thing has gone in the meantime."""
        lakeformation = _client(self._catalog, "lakeformation")
        try:
            with translated():
                return dict(lakeformation.get_resource_lf_tags(CatalogId=self._catalog_id, Resource=resource))
        except AwsError as error:
            if error.kind is ErrorKind.ABSENT:
                return {}
            raise


def _client(catalog: ConnectedCatalog, service: str) -> Any:
    return client(
        service, account=catalog.account, role="observer", region=catalog.region, session_name=SESSION
    )
