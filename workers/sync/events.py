"""Updates the mirror from Glue's events, which come by EventBridge and SQS. A full sync corrects what events miss.

CloudTrail's events in the same queue wake scopes: see `workers.cloudtrail`.

An event says no more than where to look: the table is read anew. So events may be doubled, late, out of order
or lost (AWS Glue developer guide, "Automating AWS Glue with EventBridge": best effort) and the mirror is right
all the same, with the next full reading at the latest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.conf import settings

from catalog.mirror.glue_parser import build_database_snapshot, is_resource_link, parse_tags
from catalog.mirror.models import Database
from catalog.search.index.indexing import index_products_of_tables
from catalog.sync import database_writer
from catalog.sync.database_writer import link_renamed_tables
from catalog.sync.models import SyncRun, SyncSettings
from catalog.sync.table_writer import DatabaseReading, TableWriter
from identity.accounts import ConnectedCatalog
from kernel.clock import now as database_now
from kernel.storable_text import replace_unstorable
from workers.aws import cloudtrail
from workers.aws.errors import AwsError, read_or_none
from workers.aws.glue import GlueReader
from workers.aws.iam import confirmed_administrator
from workers.aws.reads import TagAssignments
from workers.aws.sessions import CONNECT_SECONDS, drop_ended_sessions, get_client
from workers.cloudtrail import wake_scopes
from workers.stop import STOP
from workers.sync.reading import MAX_VANISHED_WITHOUT_PAUSE

SESSION_NAME = "meshmarket-events"
MAX_BATCHES = 100
"""Batches of messages in one task, so that other tasks of the queue have their turn."""
SOURCE = "aws.glue"

TablesByDatabase = dict[str, set[str]]
"""Tables by database; a database without tables was itself made, changed or dropped."""


def apply_events(settings_id: int) -> int:
    """Process the messages of a catalog's event queue until none comes for some seconds; returns how many were processed.

    AwsError when the queue or Glue does not answer: the messages then come again.
    """
    chosen = SyncSettings.objects.select_related("catalog__account").get(pk=settings_id)
    count = 0
    for _ in range(MAX_BATCHES):
        if not chosen.events_queue_url or STOP.is_set():
            break
        try:
            # Of long polling on an empty queue: half of what the client waits for an answer.
            taken = process_events(chosen, max(1, int((settings.CALL_DEADLINE - CONNECT_SECONDS) / 2)))
        except AwsError as error:
            drop_ended_sessions(error)
            raise
        count += taken
        if not taken:
            break
    return count


def process_events(chosen: SyncSettings, seconds: int) -> int:
    """Look at what the next messages name, then take these out of the queue; returns how many they were.

    AwsError when the queue or Glue does not answer: the messages then come again.
    """
    catalog, queue = chosen.catalog, chosen.events_queue_url
    sqs = _client(catalog, "sqs")
    messages = cloudtrail.receive_messages(sqs, queue, seconds)
    if messages:
        named_tables = find_named_tables(message.event for message in messages)
        for database, tables in sorted(named_tables.items()):
            _DatabaseUpdate(catalog, database).run(tables)
        wake_scopes(catalog, [message.event for message in messages], database_now())
        cloudtrail.delete_messages(sqs, queue, messages)
    return len(messages)


def find_named_tables(events: Iterable[Mapping[str, Any] | None]) -> TablesByDatabase:
    """Databases and tables that Glue's events name; other and malformed events are ignored."""
    by_database: TablesByDatabase = defaultdict(set)
    for event in events:
        detail = event.get("detail") if event and event.get("source") == SOURCE else None
        if isinstance(detail, Mapping) and isinstance(detail.get("databaseName"), str):
            tables = [*_filter_names(detail.get("changedTables")), *_filter_names([detail.get("tableName")])]
            by_database[replace_unstorable(detail["databaseName"], 255)].update(tables)
    return by_database


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
        """AwsError for an observer from whom AWS may hide tags."""
        with confirmed_administrator(self._catalog.account, self._catalog.region, SESSION_NAME):
            self._update(tables)

    def _update(self, tables: set[str]) -> None:
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
        tags = self._read_tags({"Database": {"CatalogId": self._catalog_id, "Name": self._name}})
        self._tags.add_database(self._name, parse_tags(tags.get("LFTagOnDatabase")))
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
        index_products_of_tables(tables)

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
        index_products_of_tables([*written.created, *written.updated, *written.replaced, *gone])

    def _add_tags(self, name: str) -> None:
        where = {"CatalogId": self._catalog_id, "DatabaseName": self._name, "Name": name}
        self._tags.add_table({"Table": where, **self._read_tags({"Table": where})})

    def _read_tags(self, resource: dict[str, Any]) -> dict[str, Any]:
        """GetResourceLFTags; empty if the resource no longer exists."""
        lakeformation = _client(self._catalog, "lakeformation")
        asked = {"CatalogId": self._catalog_id, "Resource": resource}
        return read_or_none(lambda: dict(lakeformation.get_resource_lf_tags(**asked))) or {}


def _client(catalog: ConnectedCatalog, service: str) -> Any:
    return get_client(
        service, account=catalog.account, role="observer", region=catalog.region, session_name=SESSION_NAME
    )
