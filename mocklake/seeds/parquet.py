"""Rows of a user's seed as Parquet, made by DuckDB from CSV text or from SQL."""

import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mocklake.seeds.mesh_file import Column

HAS_DUCKDB = find_spec("duckdb") is not None
if HAS_DUCKDB:
    import duckdb

_TYPES = {"string": "varchar", "int": "integer", "binary": "blob"}


class RowsError(ValueError):
    """The text is DuckDB's reason, or says which extra is missing."""


class Rows:
    """One DuckDB connection for a whole seed; it reaches its own folder and nothing else of the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: Any = None

    @property
    def _connection(self) -> Any:
        if self._opened is None:
            self._opened = self._connect()
        return self._opened

    def _connect(self) -> Any:
        if not HAS_DUCKDB:
            raise RowsError("rows of a seed need DuckDB: pip install 'mocklake[athena]'")
        settings = {"threads": "1", "autoinstall_known_extensions": "false"}
        connection = duckdb.connect(config=settings)
        connection.execute(f"SET allowed_directories = ['{self._folder}/']")
        connection.execute("SET enable_external_access = false")
        return connection

    def parquet(self, columns: Iterable[Column], *, csv: str | None, sql: str | None) -> bytes:
        """In the columns' types; all columns as they come when none are named. Raises RowsError."""
        chosen = ", ".join(
            f"CAST({_quoted(column.name)} AS {_type(column)}) AS {_quoted(column.name)}" for column in columns
        )
        path = self._folder / "rows.parquet"
        source = (
            f"(\n{sql.strip().rstrip(';')}\n)"
            if sql is not None
            else self._csv(csv or "", as_text=bool(chosen))
        )
        self._run(f"COPY (SELECT {chosen or '*'} FROM {source}) TO '{path}' (FORMAT parquet)")  # noqa: S608
        return path.read_bytes()

    def _run(self, statement: str) -> None:
        connection = self._connection
        try:
            connection.execute(statement)
        except duckdb.Error as error:
            raise RowsError(str(error)) from error

    def _csv(self, text: str, *, as_text: bool) -> str:
        path = self._folder / "rows.csv"
        path.write_text(text.lstrip("\n"), encoding="utf-8")
        return f"read_csv('{path}', header = true, delim = ',', all_varchar = {str(as_text).lower()})"

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()


def _type(column: Column) -> str:
    return _TYPES.get(column.type.lower(), column.type)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="mocklake-seed-")
