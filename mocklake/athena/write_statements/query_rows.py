"""The rows of a query that the caller may run, ready to be written in a table's format."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from mocklake.athena import engine, queries
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import query_tree
from mocklake.athena.session import Session
from mocklake.athena.sql_text import literal, quoted
from mocklake.athena.write_statements.query_types import hive_type, trino_type

_NAMED = (exp.Alias, exp.Column, exp.Dot, exp.Star)
ROWS = f"{engine.KEPT}.main.{engine.KEPT}"


@dataclass(frozen=True)
class Rows:
    """`connection` runs our own statements on `ROWS`; it never sees the caller's SQL."""

    connection: Any
    columns: tuple[tuple[str, str], ...]
    """(name, Hive type) in lower case."""
    scanned: int
    relation: str = ROWS

    def where(self, condition: str) -> "Rows":
        """Those for which a condition of ours holds."""
        sql = f"CREATE OR REPLACE TEMP VIEW chosen AS SELECT * FROM {ROWS} WHERE {condition}"  # noqa: S608
        self.connection.execute(sql)
        return replace(self, relation="chosen")

    @property
    def trino_types(self) -> tuple[str, ...]:
        return tuple(trino_type(kind) for _, kind in self.columns)

    @property
    def count(self) -> int:
        found: int = self.connection.execute(f"SELECT count(*) FROM {self.relation}").fetchone()[0]  # noqa: S608
        return found

    def parts(self, keys: Sequence[str]) -> list[tuple[Any, ...]]:
        """The combinations of values of some columns; one empty one for no columns."""
        if not keys:
            return [()]
        listed = ", ".join(quoted(key) for key in keys)
        sql = f"SELECT DISTINCT {listed} FROM {self.relation} ORDER BY ALL"  # noqa: S608
        found: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return found


@contextmanager
def query_rows(session: Session, sql: str) -> Iterator[Rows]:
    """Raises QueryFailedError for what the caller may not read, and for columns without a name."""
    _check_names(query_tree(sql))
    with stored_rows(session, sql) as rows:
        _check_twice(rows.columns)
        yield rows


@contextmanager
def stored_rows(session: Session, sql: str) -> Iterator[Rows]:
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        path = Path(folder) / "rows"
        outcome = queries.store_rows(session, sql, path)
        with duckdb.connect(config=engine.SETTINGS) as connection:
            connection.execute(f"ATTACH {literal(str(path))} AS {engine.KEPT} (READ_ONLY)")
            table = connection.table(ROWS)
            columns = tuple(
                (name.lower(), hive_type(kind)) for name, kind in zip(table.columns, table.types, strict=True)
            )
            yield Rows(connection, columns, outcome.scanned)


def _check_names(tree: exp.Query | exp.Values) -> None:
    for place, one in enumerate(tree.selects, start=1):
        if not isinstance(one, _NAMED):
            raise QueryFailedError(
                f"MISSING_COLUMN_NAME: line 1:8: Column name not specified at position {place}"
            )


def _check_twice(columns: Sequence[tuple[str, str]]) -> None:
    names = [name for name, _ in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise QueryFailedError(
            f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{twice}' specified more than once"
        )
