"""Measures distinct values and nulls by the column statistics that a sync has read from Glue."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from catalog.mirror.column_statistics import get_column_statistics
from catalog.mirror.models import Table, TableStatistics
from catalog.quality.glue_results import read_statistics
from catalog.quality.models import QualityMeasure
from catalog.quality.states import QualitySource
from catalog.quality.writer import observe
from identity.accounts.models import ConnectedCatalog

ROW_COUNT_PARAMETERS = ("recordCount", "numRows", "num_rows", "row_count")
"""Where crawlers, Hive and Spark write the number of rows."""


def observe_statistics(catalog: ConnectedCatalog, since: datetime, now: datetime) -> None:
    """Of tables whose statistics were read after that time. A repeat changes nothing."""
    rows = TableStatistics.objects.filter(table__database__catalog=catalog, read_at__gt=since, error="")
    for statistics in rows.select_related("table").order_by("table").iterator(chunk_size=100):
        with transaction.atomic():
            observe(list(_list_measures(statistics)), now)


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
