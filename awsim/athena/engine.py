"""Runs one SELECT on a DuckDB that holds the granted columns and nothing else.

DuckDB reads local files and loads extensions when it may. So data is loaded first, then the connection
loses all access to the outside and its configuration is locked, and only then does the caller's SQL run.
"""

import tempfile
import threading
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from awsim.athena import reading
from awsim.athena.failures import QueryFailedError
from awsim.athena.reading import duckdb_type
from awsim.athena.sources import Source
from awsim.athena.statement import CATALOG

LONGEST_SECONDS = 30.0
MOST_ROWS = 10_000
_NAMES = {"VARCHAR": "varchar", "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "decimal", "DATE": "date",
          "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean", "TIMESTAMP": "timestamp"}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """`columns` are (name, Athena type); `rows` hold text, None for NULL."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]


def run(sql: str, sources: list[Source], default_database: str) -> Result:
    """Raises QueryFailedError in Athena's words."""
    settings = {
        "threads": "1",
        "memory_limit": "512MB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with duckdb.connect(config=settings) as connection:
        try:
            _load(connection, sources, default_database)
        except duckdb.Error as error:
            raise QueryFailedError(f"HIVE_BAD_DATA: {error}") from error
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return _select(connection, sql)


def _load(connection: Any, sources: list[Source], default_database: str) -> None:
    connection.execute(f"ATTACH ':memory:' AS {CATALOG}")
    for database in sorted({source.name.database for source in sources} | {default_database.lower()} - {""}):
        connection.execute(f"CREATE SCHEMA {CATALOG}.{_quoted(database)}")
    for source in sources:
        _load_table(connection, source)
    connection.execute(f"USE {CATALOG}.{_quoted(default_database.lower() or 'main')}")


def _load_table(connection: Any, source: Source) -> None:
    table = f"{CATALOG}.{_quoted(source.name.database)}.{_quoted(source.name.table)}"
    declared = ", ".join(f"{_quoted(name)} {duckdb_type(kind)}" for name, kind in source.columns)
    if not declared:
        raise QueryFailedError(
            f"Insufficient Lake Formation permission(s) on {source.name.table}: no column is granted"
        )
    connection.execute(f"CREATE TABLE {table} ({declared})")
    with tempfile.TemporaryDirectory(prefix="awsim-") as folder:
        for number, file in enumerate(source.files):
            path = Path(folder) / str(number)
            path.write_bytes(file.content)
            _insert(connection, table, source, reading.relation(connection, source, file, str(path)))


def _insert(connection: Any, table: str, source: Source, relation: Any) -> None:
    """Cells outside a data cells filter become NULL, rows outside all filters do not come."""
    stored = {name.lower() for name in relation.columns}
    names = [name for name, _ in source.columns if name.lower() in stored]
    if names:
        listed = ", ".join(_quoted(name) for name in names)
        shown = ", ".join(_cell(name, source.masks.get(name.lower())) for name in names)
        content = _content(source, stored)
        where = f" WHERE {source.where}" if source.where else ""
        connection.execute(f"INSERT INTO {table} ({listed}) SELECT {shown} FROM {content}{where}")  # noqa: S608


def _cell(name: str, mask: str | None) -> str:
    return f"CASE WHEN {mask} THEN {_quoted(name)} END" if mask else _quoted(name)


def _content(source: Source, stored: set[str]) -> str:
    """The file with the table's columns and types, as a filter's conditions expect them."""
    if source.where is None and not source.masks:
        return "relation"
    granted = {name for name, _ in source.columns}
    conditions = " ".join([source.where or "", *source.masks.values()])
    casts = (
        f"CAST({_quoted(name) if name.lower() in stored else 'NULL'} AS {duckdb_type(kind)}) AS {_quoted(name)}"
        for name, kind in source.stored
        if name in granted or f'"{name.lower()}"' in conditions
    )
    return f"(SELECT {', '.join(casts)} FROM relation)"  # noqa: S608


def _select(connection: Any, sql: str) -> Result:
    timer = threading.Timer(LONGEST_SECONDS, connection.interrupt)
    timer.start()
    try:
        connection.execute(sql)
        described = connection.description or []
        rows = connection.fetchmany(MOST_ROWS + 1)
    except duckdb.InterruptException as error:
        raise QueryFailedError("Query timeout: the query ran longer than allowed") from error
    except duckdb.Error as error:
        raise QueryFailedError(_reason(error)) from error
    finally:
        timer.cancel()
    if len(rows) > MOST_ROWS:
        raise QueryFailedError(f"EXCEEDED_ROW_LIMIT: awsim answers {MOST_ROWS} rows at most; add a LIMIT")
    columns = tuple((str(name), _athena_type(str(kind))) for name, kind, *_ in described)
    return Result(columns, tuple(tuple(_text(value) for value in row) for row in rows))


def _reason(error: duckdb.Error) -> str:
    message = str(error).partition("\n")[0]
    if isinstance(error, duckdb.BinderException) and "olumn" in message and '"' in message:
        column = message.split('"')[1]
        return (
            f"COLUMN_NOT_FOUND: line 1:8: Column '{column}' cannot be resolved or requester is not "
            "authorized to access requested resources"
        )
    kind = (
        "SYNTAX_ERROR"
        if isinstance(error, (duckdb.BinderException, duckdb.ParserException))
        else "GENERIC_USER_ERROR"
    )
    return f"{kind}: {message}"


def _athena_type(kind: str) -> str:
    return _NAMES.get(kind, "decimal" if kind.startswith("DECIMAL") else "varchar")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
