"""Updates the mirror from Glue's events, which come by EventBridge and SQS. A full sync corrects what events miss.

CloudTrail's events in the same queue wake scopes: see `workers.cloudtrail.wakeups`.

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
from catalog.mirror.glue_parser import build_database_snapshot, is_resource_link, parse_tags
from catalog.mirror.models import Database
from catalog.search.index.indexing import index_products_of
from catalog.storable_text import replace_unstorable
from catalog.sync import database_writer
from catalog.sync.diff import DatabaseReading
from catalog.sync.finalize import link_renamed_tables
from catalog.sync.models import SyncRun, SyncSettings
from catalog.sync.table_writer import TableWriter
from fulfilment.background.tasks import ErrorCollector, compute_task_backoff
from identity.accounts.models import ConnectedCatalog
from workers.aws import event_queue
from workers.aws.errors import AwsError, ErrorKind, translate_errors
from workers.aws.glue_lookup import GlueReader
from workers.aws.lf_tags import TagAssignments
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.cloudtrail.wakeups import wake_scopes
from workers.sync.reading import MAX_VANISHED_WITHOUT_PAUSE

SESSION_NAME = "meshmarket-events"
WAIT_SECONDS = 1
"""Seconds of long polling on an empty queue."""
MAX_QUEUES = 16
SOURCE = "aws.glue"
logger = logging.getLogger(__name__)

TablesByDatabase = dict[str, set[str]]
"""Tables by database; a database without tables was itself made, changed or dropped."""


class EventQueues:
    """Processes the event queues of all catalogs in parallel. A queue that fails does not delay others."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MAX_QUEUES, "events")
        self._running: dict[int, Future[int]] = {}
        self._failures: Counter[int] = Counter()
        self._not_before: dict[int, float] = {}

    def poll(self, stop: threading.Event) -> None:
        """Begin to listen to each queue that is not listened to, and see what has come of the others, for a second at most.
        PartialFailureError of what failed unexpectedly.
        """
        chosen = SyncSettings.objects.exclude(events_queue_url="").select_related("catalog__account")
        for one in chosen.exclude(pk__in=self._running):
            if self._not_before.get(one.pk, 0.0) <= time.monotonic() and not stop.is_set():
                self._running[one.pk] = self._pool.submit(_process_and_close, one)
        if not self._running:
            stop.wait(WAIT_SECONDS)
        wait(self._running.values(), WAIT_SECONDS, FIRST_COMPLETED)
        faults = ErrorCollector()
        for pk in [pk for pk, one in self._running.items() if one.done()]:
            with faults.collect(f"the events of catalog settings {pk}"):
                self._finish(pk, self._running.pop(pk))
        faults.raise_first()

    def _finish(self, pk: int, taken: Future[int]) -> None:
        error = taken.exception()
        if error is None:
            self._failures.pop(pk, None)
            return
        self._failures[pk] += 1
        self._not_before[pk] = time.monotonic() + compute_task_backoff(self._failures[pk], WAIT_SECONDS)
        if isinstance(error, AwsError):
            drop_ended_sessions(error)
            logger.warning("The events of catalog settings %s cannot be read: %s", pk, error)
            return
        raise error


def _process_and_close(chosen: SyncSettings) -> int:
    try:
        return process_events(chosen)
    finally:
        connections.close_all()


def process_events(chosen: SyncSettings, seconds: int = WAIT_SECONDS) -> int:
    """Look at what the next messages name, then take these out of the queue; returns how many they were.

    AwsError when the queue or Glue does not answer: the messages then come again.
    """
    catalog, queue = chosen.catalog, chosen.events_queue_url
    sqs = _client(catalog, "sqs")
    messages = event_queue.receive_messages(sqs, queue, seconds)
    if messages:
        wanted = find_named_tables(message.event for message in messages)
        for database, tables in sorted(wanted.items()):
            _DatabaseUpdate(catalog, database).run(tables)
        wake_scopes(catalog, [message.event for message in messages], database_now())
        event_queue.delete_messages(sqs, queue, messages)
    return len(messages)


def find_named_tables(events: Iterable[Mapping[str, Any] | None]) -> TablesByDatabase:
    """Databases and tables that Glue's events name; other and malformed events are ignored."""
    found: TablesByDatabase = defaultdict(set)
    for event in events:
        detail = event.get("detail") if event and event.get("source") == SOURCE else None
        if isinstance(detail, Mapping) and isinstance(detail.get("databaseName"), str):
            tables = [*_filter_names(detail.get("changedTables")), *_filter_names([detail.get("tableName")])]
            found[replace_unstorable(detail["databaseName"], 255)].update(tables)
    return found


def _filter_names(names: Any) -> list[str]:
    return [name for name in names if isinstance(name, str) and name] if isinstance(names, list) else []


class _DatabaseUpdate:
    """Updates one database of a catalog and some of its tables from Glue."""

    def __init__(self, catalog: ConnectedCatalog, name: str) -> None:
        self._catalog, self._name = catalog, name
        self._looking = GlueReader(catalog.account, catalog.region, catalog.path)
        self._catalog_id = ":".join(filter(None, [catalog.account.account_id, catalog.path]))
        self._tags = TagAssignments()
        self._now = database_now()

    def run(self, tables: set[str]) -> None:
        known = Database.objects.filter(catalog=self._catalog, name=self._name, tombstoned_at=None).first()
        if known is None or not tables:
            known = self._update_database()
        if known and tables:
            self._update_tables(known, tables)

    def _update_database(self) -> Database | None:
        """The row of the database as Glue has it now; None when it has none, or a link."""
        answer = self._looking.find_database(self._name)
        if answer is None:
            self._drop_database()
            return None
        if is_resource_link(answer):
            return None
        found = self._read_tags({"Database": {"CatalogId": self._catalog_id, "Name": self._name}})
        self._tags.add_database(self._name, parse_tags(found.get("LFTagOnDatabase")))
        snapshot = build_database_snapshot(answer, self._tags.get_database_tags(self._name))
        return database_writer.store_database(self._catalog, snapshot, self._now)[0]

    def _drop_database(self) -> None:
        """Tombstone a small database at once; for a large one request a full sync, which may pause."""
        gone = database_writer.list_vanished_databases(self._catalog, [], only=self._name)
        tables = database_writer.list_live_table_ids(gone)
        if len(tables) > MAX_VANISHED_WITHOUT_PAUSE:
            SyncRun.objects.create(catalog=self._catalog, database=self._name, requested_at=database_now())
            return
        database_writer.tombstone_rows(tables, gone, self._now)
        link_renamed_tables(tables)
        index_products_of(tables)

    def _update_tables(self, database: Database, names: set[str]) -> None:
        answers = {name: self._looking.find_table(self._name, name) for name in sorted(names)}
        there = [answer for answer in answers.values() if answer and not is_resource_link(answer)]
        for answer in there:
            self._add_tags(answer["Name"])
        reading = DatabaseReading(database, partial(self._tags.get_table_tags, self._name), only=names)
        reading.mark_seen(answer["Name"] for answer in there)
        written = TableWriter(self._catalog.pk).write(reading.find_differences(there), self._now)
        gone = reading.list_vanished()
        database_writer.tombstone_rows(gone, [], self._now)
        link_renamed_tables(gone)
        index_products_of([*written.created, *written.updated, *written.replaced, *gone])

    def _add_tags(self, name: str) -> None:
        where = {"CatalogId": self._catalog_id, "DatabaseName": self._name, "Name": name}
        self._tags.add_table({"Table": where, **self._read_tags({"Table": where})})

    def _read_tags(self, resource: dict[str, Any]) -> dict[str, Any]:
        """GetResourceLFTags; empty if the resource no longer exists."""
        lakeformation = _client(self._catalog, "lakeformation")
        try:
            with translate_errors():
                return dict(lakeformation.get_resource_lf_tags(CatalogId=self._catalog_id, Resource=resource))
        except AwsError as error:
            if error.kind is ErrorKind.ABSENT:
                return {}
            raise


def _client(catalog: ConnectedCatalog, service: str) -> Any:
    return get_client(
        service, account=catalog.account, role="observer", region=catalog.region, session_name=SESSION_NAME
    )
