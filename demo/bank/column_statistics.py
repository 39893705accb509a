"""Glue's statistics of the columns of gold tables, counted in their rows."""

from collections.abc import Mapping
from typing import Any

from demo.bank.definitions import Column, Database, Table
from demo.bank.parquet_rows import ParquetWriter
from mocklake.seeding import World, as_root

KINDS = {"string": "STRING", "date": "DATE", "boolean": "BOOLEAN", "double": "DOUBLE", "decimal": "DECIMAL"}
"""By the first word of a column's type; others are LONG."""
MAX_COLUMNS = 25
"""Of one call (Glue API reference, UpdateColumnStatisticsForTable)."""
COUNTS = {
    "BOOLEAN": {"NumberOfTrues": "count_if({0})", "NumberOfFalses": "count_if(NOT {0})"},
    "STRING": {
        "NumberOfDistinctValues": "count(DISTINCT {0})",
        "MaximumLength": "coalesce(max(length({0})), 0)",
        "AverageLength": "coalesce(avg(length({0})), 0.0)",
    },
}
"""What is counted of a column of a kind besides its nulls, in SQL."""
OTHER_COUNTS = {"NumberOfDistinctValues": "count(DISTINCT {0})"}


def put_column_statistics(world: World, database: Database, table: Table, writer: ParquetWriter) -> None:
    data = _count_values(table, writer)
    for start in range(0, len(table.columns), MAX_COLUMNS):
        statistics = [
            {
                "ColumnName": column.name,
                "ColumnType": column.type,
                "AnalyzedTime": world.now().timestamp(),
                "StatisticsData": data[column.name],
            }
            for column in table.columns[start : start + MAX_COLUMNS]
        ]
        as_root(
            world, database.catalog, database.region, "glue", "UpdateColumnStatisticsForTable",
            DatabaseName=database.name, TableName=table.name, ColumnStatisticsList=statistics,
        )  # fmt: skip


def _count_values(table: Table, writer: ParquetWriter) -> dict[str, Mapping[str, Any]]:
    """StatisticsData by column, of all columns in one statement."""
    counts = [(column, *count) for column in table.columns for count in _list_counts(column)]
    values = writer.select_row(table, [expression for _, _, expression in counts])
    found: dict[str, dict[str, Any]] = {column.name: {} for column in table.columns}
    for (column, name, _), value in zip(counts, values, strict=True):
        found[column.name][name] = value
    return {
        column.name: {
            "Type": _get_kind(column),
            f"{_get_kind(column).title()}ColumnStatisticsData": found[column.name],
        }
        for column in table.columns
    }


def _list_counts(column: Column) -> list[tuple[str, str]]:
    """Names in Glue, with the expressions in SQL."""
    counts = {"NumberOfNulls": "count(*) - count({0})", **COUNTS.get(_get_kind(column), OTHER_COUNTS)}
    return [(name, expression.format(f'"{column.name}"')) for name, expression in counts.items()]


def _get_kind(column: Column) -> str:
    return KINDS.get(column.type.partition("(")[0], "LONG")
