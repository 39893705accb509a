"""A column's statistics, measured by DuckDB on what a role may read. Pure.

Source: botocore model (typed data by kind of column). Assumed: a timestamp's are those of a date, columns of nested types
have none.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from mocklake.athena.sql_text import quoted

_KINDS = {
    "boolean": "BOOLEAN", "date": "DATE", "timestamp": "DATE", "decimal": "DECIMAL", "float": "DOUBLE",
    "double": "DOUBLE", "tinyint": "LONG", "smallint": "LONG", "int": "LONG", "integer": "LONG", "bigint": "LONG",
    "long": "LONG", "string": "STRING", "varchar": "STRING", "char": "STRING", "binary": "BINARY",
}  # fmt: skip
_FIGURES = {
    "BOOLEAN": ("count(*) FILTER ({0})", "count(*) FILTER (NOT {0})"),
    "STRING": ("max(length({0}))", "avg(length({0}))"),
    "BINARY": ("max(octet_length({0}))", "avg(octet_length({0}))"),
}
_EXTREMES = ("min({0})", "max({0})")
FIGURES = 4
"""How many columns of the answer belong to one column of the table."""


def kind_of(glue_type: str) -> str | None:
    """None for a nested type."""
    return _KINDS.get(glue_type.lower().partition("(")[0].strip())


def to_sql(columns: Sequence[tuple[str, str]], table: str) -> str:
    """One row, with two figures, the nulls and the distinct values of each column."""
    found = []
    for name, kind in columns:
        figures = _FIGURES.get(kind_of(kind) or "", _EXTREMES)
        parts = (*figures, "count(*) - count({0})", "count(DISTINCT {0})")
        found += [part.format(quoted(name)) for part in parts]
    return f"SELECT {', '.join(found)} FROM {table}"  # noqa: S608


def read(name: str, glue_type: str, figures: Sequence[str | None], now: datetime) -> dict[str, Any]:
    """ColumnStatistics from the figures that the SQL answered for a column."""
    kind = kind_of(glue_type) or "STRING"
    one, other, nulls, distinct = figures
    data: dict[str, Any]
    counts = {"NumberOfNulls": int(nulls or 0), "NumberOfDistinctValues": int(distinct or 0)}
    if kind == "BOOLEAN":
        data = {"NumberOfTrues": int(one or 0), "NumberOfFalses": int(other or 0)}
    elif kind in ("STRING", "BINARY"):
        data = {"MaximumLength": int(one or 0), "AverageLength": float(other or 0)}
    else:
        named = {"MinimumValue": one, "MaximumValue": other}
        data = {key: _value(kind, text) for key, text in named.items() if text is not None}
    if kind in ("BOOLEAN", "BINARY"):
        del counts["NumberOfDistinctValues"]
    typed = {"Type": kind, f"{kind.title()}ColumnStatisticsData": data | counts}
    return {"ColumnName": name, "ColumnType": glue_type, "AnalyzedTime": now, "StatisticsData": typed}


def _value(kind: str, text: str) -> Any:
    if kind == "LONG":
        return int(text)
    if kind == "DOUBLE":
        return float(text)
    if kind == "DATE":
        return datetime.fromisoformat(text + ("" if " " in text else "T00:00:00") + "+00:00")
    scale = len(text.partition(".")[2])
    unscaled = int(Decimal(text).scaleb(scale))
    written = unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True)
    return {"UnscaledValue": written, "Scale": scale}
