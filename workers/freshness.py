"""Reads one table: what AWS and lineage say of its data, and what follows for its products.

Each source may fail on its own: what it refused is kept with the others' answers. Calls are limited by rate, and by number.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from background.tasks import StopSignal
from catalog.freshness import (
    ChangeTime,
    FreshnessSource,
    assess_products,
    find_last_write,
    find_table_freshness,
    list_view_inputs,
    store_table_freshness,
)
from catalog.mirror.models import Table
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from workers.aws import calls
from workers.aws.change_times import (
    BucketPlace,
    StoredTable,
    UnreadableMetadataError,
    find_newest_object,
    list_newest_partitions,
    parse_bucket_place,
    read_snapshot_time,
    read_stored_table,
)
from workers.aws.errors import AwsError, ErrorKind, between_reads
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.stop import STOP

SESSION_NAME = "meshmarket-freshness"
OPERATION = "ReadFreshness"
"""One bucket of tokens for all calls that read freshness."""
MAX_PARTITIONS = 3
"""The newest ones, in which objects are looked for."""
PAUSE = 0.05
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class _StoppedError(Exception):
    """The worker is asked to stop."""


@dataclass
class _Answers:
    found: list[ChangeTime] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def add(self, source: FreshnessSource, at: datetime | None, *, may_be_newer: bool = False) -> None:
        if at is not None:
            self.found.append(ChangeTime(source, at, may_be_newer))


def read_freshness(table_id: int, stop: StopSignal = STOP) -> None:
    """Store the answers for a table, and assess its products. Another worker that has begun is left to it."""
    with try_session_lock(AdvisoryLock.TABLE_FRESHNESS, table_id) as is_ours:
        table: Table | None = None
        if is_ours:
            rows = Table.objects.filter(pk=table_id, tombstoned_at=None)
            table = rows.select_related("database__catalog__account").first()
        if table is None:
            return
        answers = _Answers()
        try:
            _read(table, answers, stop)
        except _StoppedError:
            return
        now = database_now()
        store_table_freshness(table, answers.found, " ".join(answers.trouble), now)
        assess_products(table, now)


def _read(table: Table, answers: _Answers, stop: StopSignal) -> None:
    if table.view:
        inputs = list_view_inputs(table)
        rows = find_table_freshness(inputs)
        times = [rows[pk].changed_at if pk in rows else None for pk in inputs]
        known = [at for at in times if at is not None]
        oldest_input = min(known) if known and len(known) == len(times) else None
        answers.add(FreshnessSource.VIEW_INPUTS, oldest_input)
        return
    answers.add(FreshnessSource.LINEAGE_RUN, find_last_write(table))
    # Waits before each call until the bucket of the account and region has a token.
    account, region = table.database.catalog.account.account_id, table.database.catalog.region

    def wait() -> None:
        while not calls.take_token(account, region, OPERATION, calls.get_read_limit()):
            if stop.wait(PAUSE):
                raise _StoppedError
        if stop.is_set():
            raise _StoppedError

    with between_reads(wait):
        stored = _ask(
            table,
            answers,
            lambda: read_stored_table(
                _get_client("glue", table), _get_catalog_id(table), table.database.name, table.name
            ),
        )
        if stored is not None:
            answers.add(FreshnessSource.GLUE_UPDATE, stored.updated_at)
            if stored.metadata_location:
                _ask(table, answers, lambda: _read_iceberg(table, stored, answers))
            elif stored.is_partitioned:
                _ask(table, answers, lambda: _read_partitions(table, stored, answers))
            elif place := parse_bucket_place(stored.location):
                _ask(table, answers, lambda: _read_objects(table, [place], answers, is_complete=True))


def _read_iceberg(table: Table, stored: StoredTable, answers: _Answers) -> None:
    place = parse_bucket_place(stored.metadata_location)
    if place is not None:
        at = read_snapshot_time(_get_client("s3", table), place)
        answers.add(FreshnessSource.ICEBERG_SNAPSHOT, at)


def _read_partitions(table: Table, stored: StoredTable, answers: _Answers) -> None:
    """Without a registered partition, as by partition projection, the whole location is looked at."""
    glue = _get_client("glue", table)
    newest, is_complete = list_newest_partitions(
        glue, _get_catalog_id(table), table.database.name, table.name, MAX_PARTITIONS
    )
    if newest:
        answers.add(FreshnessSource.PARTITION, newest[0].created_at, may_be_newer=not is_complete)
    locations = [one.location for one in newest] or [stored.location]
    places = [place for location in locations if (place := parse_bucket_place(location))]
    _read_objects(table, places, answers, is_complete=is_complete)


def _read_objects(table: Table, places: list[BucketPlace], answers: _Answers, *, is_complete: bool) -> None:
    s3 = _get_client("s3", table)
    found = [find_newest_object(s3, place) for place in places]
    newest = max((one.at for one in found if one.at), default=None)
    all_listed = is_complete and all(one.is_complete for one in found)
    answers.add(FreshnessSource.S3_OBJECT, newest, may_be_newer=not all_listed)


def _ask(table: Table, answers: _Answers, read: Callable[[], Answer]) -> Answer | None:
    """The answer; None if AWS refuses it, which is noted."""
    try:
        return read()
    except AwsError as error:
        drop_ended_sessions(error)
        if error.kind is ErrorKind.THROTTLED:
            catalog = table.database.catalog
            limit = calls.get_read_limit()
            calls.adapt_rate(
                catalog.account.account_id, catalog.region, OPERATION, throttled=True, limit=limit
            )
        answers.trouble.append(error.message or error.code)
        logger.info("Freshness cannot be read: %s", error)
    except UnreadableMetadataError as error:
        answers.trouble.append(str(error))
    return None


def _get_client(service: str, table: Table) -> Any:
    catalog = table.database.catalog
    return get_client(
        service, account=catalog.account, role="observer", region=catalog.region, session_name=SESSION_NAME
    )


def _get_catalog_id(table: Table) -> str:
    catalog = table.database.catalog
    return ":".join(filter(None, [catalog.account.account_id, catalog.path]))
