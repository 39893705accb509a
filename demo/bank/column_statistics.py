"""Glue's statistics of the columns of gold tables, counted in their rows."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from demo.bank.definitions import Database, Table
from mocklake.seeding import World, as_root

KINDS = {"string": "STRING", "date": "DATE", "boolean": "BOOLEAN", "double": "DOUBLE", "decimal": "DECIMAL"}
"""By the first word of a column's type; others are LONG."""
MAX_COLUMNS = 25
"""Of one call (Glue API reference, UpdateColumnStatisticsForTable)."""


def put_column_statistics(world: World, database: Database, table: Table, file: bytes) -> None:
    """`file` is Parquet, with all rows of the table."""
    rows = pq.read_table(BytesIO(file))
    for start in range(0, len(table.columns), MAX_COLUMNS):
        statistics = [
            {
                "ColumnName": column.name,
                "ColumnType": column.type,
                "AnalyzedTime": world.now().timestamp(),
                "StatisticsData": _build_data(column.type, rows.column(column.name)),
            }
            for column in table.columns[start : start + MAX_COLUMNS]
        ]
        as_root(
            world, database.catalog, database.region, "glue", "UpdateColumnStatisticsForTable",
            DatabaseName=database.name, TableName=table.name, ColumnStatisticsList=statistics,
        )  # fmt: skip


def _build_data(glue_type: str, values: "pa.ChunkedArray[Any]") -> Mapping[str, Any]:
    kind = KINDS.get(glue_type.partition("(")[0], "LONG")
    counts: dict[str, float] = {"NumberOfNulls": values.null_count}
    if kind == "BOOLEAN":
        trues = pc.sum(values).as_py() or 0
        counts |= {"NumberOfTrues": trues, "NumberOfFalses": len(values) - values.null_count - trues}
    else:
        counts["NumberOfDistinctValues"] = pc.count_distinct(values).as_py()
    if kind == "STRING":
        lengths = pc.utf8_length(values)
        counts["MaximumLength"] = pc.max(lengths).as_py() or 0
        counts["AverageLength"] = pc.mean(lengths).as_py() or 0.0
    return {"Type": kind, f"{kind.title()}ColumnStatisticsData": counts}
