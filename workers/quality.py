"""Reads new results of Glue Data Quality, day by day from where the last reading stopped.

A result is listed when its run has ended, so days before the position are listed again; those that are there are not read again.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from background.tasks import StopSignal
from catalog.mirror.columns import get_column_statistics
from catalog.mirror.models import Table, TableStatistics
from catalog.quality.actions import (
    adopt_matched_datasets,
    check_all_promises,
    report_all_anomalies,
    store_results,
)
from catalog.quality.glue_results import TableName, read_result, read_statistics, read_table_name
from catalog.quality.models import QualityMeasure, QualityReading, QualityResult, QualitySource
from catalog.quality.results import IncomingResult
from catalog.quality.writer import observe
from identity.accounts import ConnectedCatalog
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from workers.aws import calls, glue
from workers.aws.calls import get_repeated_level
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import drop_ended_sessions, get_client
from workers.stop import STOP

ROW_COUNT_PARAMETERS = ("recordCount", "numRows", "num_rows", "row_count")
"""Where crawlers, Hive and Spark write the number of rows."""
SESSION_NAME = "meshmarket-quality"
FIRST_DAYS = timedelta(days=90)
OVERLAP = timedelta(days=2)
"""A run may last for two days (Glue's longest Timeout is 2,880 minutes)."""
WINDOW = timedelta(days=1)
MAX_RESULTS = 5000
"""The results of one pass, so that a long backlog does not delay other catalogs."""
PAUSE = 0.05
logger = logging.getLogger(__name__)


def read_quality(catalog_id: int, stop: StopSignal = STOP) -> int:
    """Returns how many results are new. What AWS refuses is stored in the catalog's reading."""
    catalog = ConnectedCatalog.objects.select_related("account").get(pk=catalog_id)
    with try_session_lock(AdvisoryLock.QUALITY_READING, catalog.pk) as is_ours:
        if not is_ours:
            return 0
        began = database_now()
        reading = QualityReading.objects.filter(catalog=catalog).first() or QualityReading(
            catalog=catalog, position=began - FIRST_DAYS
        )
        since = reading.looked_at if reading.pk else reading.position
        reader, earlier = _ResultReader(catalog, reading, began, stop), reading.trouble
        try:
            reader.run()
            reading.trouble = ""
        except AwsError as error:
            drop_ended_sessions(error)
            reader.slow_down(error)
            reading.trouble = error.message or error.code
            level = get_repeated_level(reading.trouble, earlier)
            logger.log(level, "The quality results of %s cannot be read: %s", catalog, error)
        reading.looked_at = began
        reading.save()
        count = reader.count
        # Of tables whose statistics were read after that time. A repeat changes nothing.
        rows = TableStatistics.objects.filter(table__database__catalog=catalog, read_at__gt=since, error="")
        for statistics in rows.select_related("table").order_by("table").iterator(chunk_size=100):
            with transaction.atomic():
                observe(list(_list_measures(statistics)), began)
        adopt_matched_datasets(now=began)
        if reading.position >= began or reading.trouble:
            check_all_promises(now=began)
            report_all_anomalies(now=began)
        return count


class _ResultReader:
    """Reads the new results of one catalog's account and region."""

    def __init__(
        self, catalog: ConnectedCatalog, reading: QualityReading, began: datetime, stop: StopSignal
    ) -> None:
        self._catalog, self._reading, self._began, self._stop = catalog, reading, began, stop
        self._last_operation = glue.LIST_OPERATION
        self.count = 0

    def run(self) -> None:
        """AwsError. The position moves on with each day that was read to its end."""
        client = get_client(
            "glue",
            account=self._catalog.account,
            role="observer",
            region=self._catalog.region,
            session_name=SESSION_NAME,
        )
        after = self._reading.position - OVERLAP
        while after < self._began and self.count < MAX_RESULTS:
            before = min(after + WINDOW, self._began)
            self._read_window(client, after, before)
            if self._stop.is_set():
                return
            self._reading.position = max(self._reading.position, before)
            after = before

    def slow_down(self, error: AwsError) -> None:
        if error.kind is ErrorKind.THROTTLED:
            limit = calls.get_read_limit()
            place = self._catalog.account.account_id, self._catalog.region, self._last_operation
            calls.adapt_rate(*place, throttled=True, limit=limit)

    def _read_window(self, client: Any, after: datetime, before: datetime) -> None:
        """A run's start is compared with `after` without its own moment."""
        just_before = after - timedelta(milliseconds=1)
        for page in glue.iterate_result_pages(client, just_before, before, self._wait):
            tables = self._find_tables(page)
            wanted = {str(row["ResultId"]): name for row in page if (name := self._read_name(row)) in tables}
            quality_results = QualityResult.objects.filter(
                ruleset__source=QualitySource.GLUE, external_id__in=list(wanted)
            )
            ids = sorted(set(wanted) - set(quality_results.values_list("external_id", flat=True)))
            for batch in _split(ids):
                if not self._wait(glue.GET_OPERATION):
                    return
                self._store(glue.read_results(client, batch), tables)

    def _store(self, rows: list[dict[str, Any]], tables: dict[TableName | None, int]) -> None:
        incoming = [one for row in rows if (one := self._read_row(row, tables))]
        now = database_now()
        stored = store_results(incoming=incoming, now=now, tells=False) if incoming else []
        self.count += sum(one.is_new for one in stored)

    def _read_row(self, row: dict[str, Any], tables: dict[TableName | None, int]) -> IncomingResult | None:
        table = tables.get(self._read_name(row))
        account, region = self._catalog.account.account_id, self._catalog.region
        return read_result(row, table_id=table, scope=f"{account}:{region}") if table else None

    def _read_name(self, row: dict[str, Any]) -> TableName | None:
        return read_table_name(row, self._catalog.account.account_id)

    def _find_tables(self, page: list[dict[str, Any]]) -> dict[TableName | None, int]:
        """The tables of the results that the mirror has in the same account and region."""
        names = {name for row in page if (name := self._read_name(row))}
        rows = Table.objects.filter(
            database__catalog=self._catalog,
            database__name__in={database for database, _ in names},
            name__in={table for _, table in names},
            tombstoned_at=None,
        )
        return {
            (database, name): pk for pk, database, name in rows.values_list("pk", "database__name", "name")
        }

    def _wait(self, operation: str) -> bool:
        """For the shared rate limit; False at `stop`."""
        self._last_operation = operation
        limit = calls.get_read_limit()
        place = self._catalog.account.account_id, self._catalog.region, operation
        while not calls.take_token(*place, limit):
            if self._stop.wait(PAUSE):
                return False
        return not self._stop.is_set()


def _split(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), glue.BATCH_SIZE):
        yield ids[start : start + glue.BATCH_SIZE]


def _list_measures(statistics: TableStatistics) -> Iterator[QualityMeasure]:
    columns = get_column_statistics(statistics)
    for at, fact in read_statistics(columns, _read_row_count(statistics.table)):
        yield QualityMeasure(
            table=statistics.table,
            column=fact.column.lower(),
            kind=fact.kind,
            measured_at=at,
            value=fact.value,
            source=QualitySource.GLUE,
        )


def _read_row_count(table: Table) -> float | None:
    for name in ROW_COUNT_PARAMETERS:
        text = str(table.parameters.get(name) or "")
        if text.isdecimal() and int(text):
            return float(text)
    return None
