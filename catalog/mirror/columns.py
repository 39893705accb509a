"""What Glue's statistics say of the columns of products' tables: counts and lengths. The least and greatest values that
Glue keeps beside them are values of the data, and are not mirrored; of sensitive columns nothing is.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, Q

from catalog.mirror.models import Classification, Column, Table, TableStatistics
from identity.accounts import ConnectedCatalog
from kernel.storable_text import replace_unstorable

MAX_NAME_LENGTH = 255


@dataclass(frozen=True)
class ColumnStatistics:
    """Counts of rows, and lengths in characters or bytes; None where Glue says nothing. `analysed_at` is ISO 8601."""

    name: str
    distinct: int | None
    nulls: int | None
    longest: int | None
    analysed_at: str


def parse_column_statistics(answers: Iterable[Mapping[str, Any]]) -> list[ColumnStatistics]:
    """Parse GetColumnStatisticsForTable's `ColumnStatisticsList` (botocore: ColumnStatistics)."""
    return [_parse_column(answer) for answer in answers]


def _parse_column(answer: Mapping[str, Any]) -> ColumnStatistics:
    told = answer["StatisticsData"]
    data: Mapping[str, Any] = next((value for key, value in told.items() if key != "Type"), {})
    moment = answer.get("AnalyzedTime")
    return ColumnStatistics(
        name=replace_unstorable(answer.get("ColumnName"), MAX_NAME_LENGTH),
        distinct=data.get("NumberOfDistinctValues"),
        nulls=data.get("NumberOfNulls"),
        longest=data.get("MaximumLength"),
        analysed_at=moment.isoformat() if isinstance(moment, datetime) else "",
    )


def get_column_statistics(row: TableStatistics | None) -> tuple[ColumnStatistics, ...]:
    """Sorted by name; empty before the first reading."""
    return tuple(ColumnStatistics(**said) for _, said in sorted(row.columns.items())) if row else ()


def list_column_statistics(tables: Collection[int]) -> dict[int, dict[str, ColumnStatistics]]:
    """By table and by name of the column. One query."""
    rows = TableStatistics.objects.filter(table__in=tables)
    return {
        row.table_id: {statistic.name: statistic for statistic in get_column_statistics(row)} for row in rows
    }


def list_due_tables(catalog: ConnectedCatalog, before: datetime, limit: int) -> list[Table]:
    """Tables of published products, with the columns that may be requested: never read, read before that time, or
    altered since. The longest waiting first.
    """
    read = F("statistics__read_at")
    due = Q(statistics=None) | Q(statistics__read_at__lt=before) | Q(statistics__read_at__lt=F("mirrored_at"))
    open_columns = Column.objects.exclude(classification=Classification.SENSITIVE)
    rows = Table.objects.filter(due, database__catalog=catalog, tombstoned_at=None)
    shown = rows.filter(pk__in=Table.objects.filter(products__is_published=True).values("pk"))
    return list(
        shown.select_related("database")
        .prefetch_related(Prefetch("columns", open_columns))
        .order_by(read.asc(nulls_first=True), "pk")[:limit]
    )


def store_statistics(table: int, statistics: Iterable[ColumnStatistics], error: str, now: datetime) -> None:
    """Replaces the table's stored statistics."""
    said = {
        "columns": {statistic.name: asdict(statistic) for statistic in statistics},
        "error": error,
        "read_at": now,
    }
    TableStatistics.objects.update_or_create(table_id=table, defaults=said)


MAX_FIELDS = 2000
_FIELD = re.compile(r"[<,(]\s*`?([^:<>,()`\s]+)`?\s*:")


def list_nested_fields(column_type: str) -> list[str]:
    """Names in order: `array<struct<iban:string,owner:struct<name:string>>>` holds iban, owner and name."""
    if "<" not in column_type:
        return []
    return _FIELD.findall(column_type)[:MAX_FIELDS]
