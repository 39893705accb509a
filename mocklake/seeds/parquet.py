"""Rows of a user's seed as Parquet, made by DuckDB from CSV text or from SQL."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from mocklake.seeds.mesh_file import Column

_TYPES = {"string": "varchar", "int": "integer", "binary": "blob"}


class Rows:
    """One DuckDB connection for a whole seed; it reaches its own folder and nothing else of the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        settings = {"threads": "1", "autoinstall_known_extensions": "false"}
        self._connection = duckdb.connect(config=settings)
        self._connection.execute(f"SET allowed_directories = ['{folder}/']")
        self._connection.execute("SET enable_external_access = false")

    def parquet(self, columns: Iterable[Column], *, csv: str | None, sql: str | None) -> bytes:
        """In the columns' types; all columns as they come when none are named. Raises duckdb.Error."""
        chosen = ", ".join(
            f"CAST({_quoted(one.name)} AS {_type(one)}) AS {_quoted(one.name)}" for one in columns
        )
        path = self._folder / "rows.parquet"
        source = (
            f"(\n{sql.strip().rstrip(';')}\n)"
            if sql is not None
            else self._csv(csv or "", as_text=bool(chosen))
        )
        self._connection.execute(f"COPY (SELECT {chosen or '*'} FROM {source}) TO '{path}' (FORMAT parquet)")  # noqa: S608
        return path.read_bytes()

    def _csv(self, text: str, *, as_text: bool) -> str:
        path = self._folder / "rows.csv"
        path.write_text(text.lstrip("\n"), encoding="utf-8")
        return f"read_csv('{path}', header = true, delim = ',', all_varchar = {str(as_text).lower()})"

    def close(self) -> None:
        self._connection.close()


def _type(column: Column) -> str:
    return _TYPES.get(column.type.lower(), column.type)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="mocklake-seed-")
