"""Rows of the bank's tables as Parquet: the same bytes' worth of data at every start, from the row number alone."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from demo.bank.definitions import Table

_MACROS = """
CREATE MACRO part(i, s) AS
    (((i::bigint * 1103515245 + s::bigint * 12820163 + 12345) % 2147483648) * 48271 % 2147483647) / 2147483647::double;
CREATE MACRO num(i, s, low, high) AS low + part(i, s) * (high - low);
CREATE MACRO whole(i, s, low, high) AS floor(low + part(i, s) * (high - low + 1))::bigint;
CREATE MACRO pick(i, s, listed) AS listed[1 + floor(part(i, s) * len(listed))::bigint];
CREATE MACRO day(i, s, first, span) AS first::date + floor(part(i, s) * span)::integer;
"""


class ParquetWriter:
    """One DuckDB connection for the whole seed: opening one costs more than a table."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": "1"})
        self._connection.execute(_MACROS)

    def write_table(self, table: Table) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "part-00000.parquet"
            self._connection.execute(f"COPY ({_build_rows(table)}) TO '{path}' (FORMAT parquet)")
            return path.read_bytes()

    def select_row(self, table: Table, expressions: Sequence[str]) -> tuple[Any, ...]:
        """One row over all rows of the table."""
        found = self._connection.execute(f"SELECT {', '.join(expressions)} FROM ({_build_rows(table)})")  # noqa: S608
        row: tuple[Any, ...] | None = found.fetchone()
        assert row is not None
        return row

    def close(self) -> None:
        self._connection.close()


def _build_rows(table: Table) -> str:
    columns = table.columns + ((table.partition,) if table.partition else ())
    selected = ", ".join(f'{column.expression} AS "{column.name}"' for column in columns)
    return f"SELECT {selected} FROM range(1, {table.row_count + 1}) numbers(i)"  # noqa: S608
