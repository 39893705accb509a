"""Runs one SELECT on a DuckDB that holds the granted columns and nothing else.

DuckDB reads local files and loads extensions when it may. So data is loaded first, then the connection
loses all access to the outside and its configuration is locked, and only then does the caller's SQL run.
"""

import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from mocklake.athena import reading, translation, views
from mocklake.athena.athena_types import athena_type
from mocklake.athena.error_text import reason_of
from mocklake.athena.expression_types import ALIASES, ColumnTypes
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.functions import MACROS
from mocklake.athena.names import CATALOG
from mocklake.athena.reading import duckdb_type
from mocklake.athena.results import Result
from mocklake.athena.sources import Source, View
from mocklake.athena.sql_text import literal, quoted
from mocklake.athena.value_text import text_of

LONGEST_SECONDS = 30.0
MOST_ROWS = 10_000
KEPT = "kept"
"""Names the file that carries a view's rows from one DuckDB to the next."""
SETTINGS = {
    "threads": "1",
    "memory_limit": "512MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def run(
    sql: str,
    sources: Sequence[Source],
    default_database: str,
    default_catalog: str = CATALOG,
    query: exp.Expr | None = None,
) -> Result:
    """`sql` is DuckDB's; `query` is what it was translated from. Raises QueryFailedError in Athena's words."""
    with duckdb.connect(config=SETTINGS) as connection:
        _load(connection, sources, default_database, default_catalog, with_path=_names_path(query))
        _shut(connection)
        return _select(connection, sql, query, column_types(sources))


def store(
    sql: str,
    sources: Sequence[Source],
    default_database: str,
    default_catalog: str,
    *,
    query: exp.Expr,
    path: Path,
) -> Result:
    """The rows into table `kept.main.kept` of a DuckDB file. The result has their columns."""
    with duckdb.connect(config=SETTINGS) as connection:
        _load(connection, sources, default_database, default_catalog, with_path=_names_path(query))
        connection.execute(f"ATTACH {literal(str(path))} AS {KEPT}")
        _shut(connection)
        _timed(connection, f"CREATE TABLE {KEPT}.main.{KEPT} AS {sql}", query)
        described = connection.table(f"{KEPT}.main.{KEPT}").description
    return Result(_columns(described, query, column_types(sources)))


def column_types(sources: Sequence[Source]) -> dict[str, str]:
    """Glue's types by name, of the columns whose type is one in all tables."""
    found: dict[str, set[str]] = {}
    for source in sources:
        for name, kind in source.columns:
            found.setdefault(name.lower(), set()).add(kind.lower())
    return {name: ALIASES.get(one, one) for name, kinds in found.items() if len(kinds) == 1 for one in kinds}


def _names_path(query: exp.Expr | None) -> bool:
    return query is not None and translation.mentions_path(query)


def _shut(connection: Any) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _load(
    connection: Any,
    sources: Sequence[Source],
    default_database: str,
    default_catalog: str = CATALOG,
    *,
    with_path: bool = False,
) -> None:
    default = default_catalog.lower(), default_database.lower()
    try:
        for catalog in sorted({source.name.catalog for source in sources} | {default[0]}):
            connection.execute(f"ATTACH ':memory:' AS {quoted(catalog)}")
        for catalog, database in sorted(
            {(one.name.catalog, one.name.database) for one in sources} | {default}
        ):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(catalog)}.{quoted(database or 'main')}")
        for source in sources:
            _load_table(connection, source, with_path=with_path and source.view is None)
        for macro in MACROS:
            connection.execute(f"CREATE TEMP MACRO {macro}")
        connection.execute(f"USE {quoted(default[0])}.{quoted(default[1] or 'main')}")
    except duckdb.Error as error:
        raise QueryFailedError(f"HIVE_BAD_DATA: {error}") from error


def _load_table(connection: Any, source: Source, *, with_path: bool) -> None:
    name = source.name
    table = f"{quoted(name.catalog)}.{quoted(name.database)}.{quoted(name.table)}"
    declared = ", ".join(f"{quoted(name)} {duckdb_type(kind)}" for name, kind in source.columns)
    if not declared:
        raise QueryFailedError(
            f"Insufficient Lake Formation permission(s) on {source.name.table}: no column is granted"
        )
    hidden = f", {quoted(translation.PATH)} varchar" if with_path else ""
    connection.execute(f"CREATE TABLE {table} ({declared}{hidden})")
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        for number, file in enumerate(source.files):
            path = Path(folder) / str(number)
            path.write_bytes(file.content)
            rows = reading.relation(connection, source, file, str(path))
            _insert(connection, table, source, rows, url=file.url if with_path else "")
        if source.view is not None:
            _materialise(source.view, Path(folder) / "view")
            connection.execute(f"ATTACH {literal(str(Path(folder) / 'view'))} AS {KEPT} (READ_ONLY)")
            _check_shape(source, rows := connection.table(f"{KEPT}.main.{KEPT}"))
            _insert(connection, table, source, rows)
            connection.execute(f"DETACH {KEPT}")


def _materialise(view: View, path: Path) -> None:
    """A view's rows into a file, by a DuckDB of its own: it holds what the view's reader may read."""
    with duckdb.connect(config=SETTINGS) as connection:
        _load(connection, view.sources, view.text.database)
        connection.execute(f"ATTACH {literal(str(path))} AS {KEPT}")
        _shut(connection)
        query = views.query_of(view.text)
        sql = translation.to_duckdb(query, column_types(view.sources))
        try:
            _timed(connection, f"CREATE TABLE {KEPT}.main.{KEPT} AS {sql}", query)
        except QueryFailedError as error:
            raise QueryFailedError(views.without_values(str(error))) from error


def _check_shape(source: Source, rows: Any) -> None:
    """A view has the columns that its schema says, or is stale."""
    given = {name.lower() for name in rows.columns}
    missing = [name for name, _ in source.columns if name.lower() not in given]
    if missing:
        place = f"{source.name.catalog}.{source.name.database}.{source.name.table}"
        text = f"View '{place}' is stale or in invalid state: column [{missing[0]}] is not projected"
        raise QueryFailedError(f"VIEW_IS_STALE: line 1:15: {text}")


def _insert(connection: Any, table: str, source: Source, relation: Any, *, url: str = "") -> None:
    """Cells outside a data cells filter become NULL, rows outside all filters do not come."""
    stored = {name.lower() for name in relation.columns}
    names = [name for name, _ in source.columns if name.lower() in stored]
    if names:
        listed = ", ".join(quoted(name) for name in names)
        shown = ", ".join(_cell(name, source.masks.get(name.lower())) for name in names)
        content = _content(source, stored)
        where = f" WHERE {source.where}" if source.where else ""
        if url:
            listed, shown = f"{listed}, {quoted(translation.PATH)}", f"{shown}, {literal(url)}"
        connection.execute(f"INSERT INTO {table} ({listed}) SELECT {shown} FROM {content}{where}")  # noqa: S608


def _cell(name: str, mask: str | None) -> str:
    return f"CASE WHEN {mask} THEN {quoted(name)} END" if mask else quoted(name)


def _content(source: Source, stored: set[str]) -> str:
    """The file with the table's columns and types, as a filter's conditions expect them."""
    if source.where is None and not source.masks:
        return "relation"
    granted = {name for name, _ in source.columns}
    conditions = " ".join([source.where or "", *source.masks.values()])
    casts = (
        f"CAST({quoted(name) if name.lower() in stored else 'NULL'} AS {duckdb_type(kind)}) AS {quoted(name)}"
        for name, kind in source.stored
        if name in granted or f'"{name.lower()}"' in conditions
    )
    return f"(SELECT {', '.join(casts)} FROM relation)"  # noqa: S608


def _select(connection: Any, sql: str, query: exp.Expr | None, types: ColumnTypes) -> Result:
    rows = _timed(connection, sql, query)
    described = connection.description or []
    if len(rows) > MOST_ROWS:
        raise QueryFailedError(f"EXCEEDED_ROW_LIMIT: mocklake answers {MOST_ROWS} rows at most; add a LIMIT")
    kinds = [str(kind) for _, kind, *_ in described]
    shown = (tuple(text_of(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in rows)
    return Result(_columns(described, query, types), tuple(shown))


def _columns(described: Any, query: exp.Expr | None, types: ColumnTypes) -> tuple[tuple[str, str], ...]:
    names = tuple(str(name) for name, *_ in described)
    kinds = [athena_type(str(kind)) for _, kind, *_ in described]
    if query is not None:
        names = translation.names_of(query, names)
        declared = translation.declared_types(query, types)
        kinds = [declared.get(number, kind) for number, kind in enumerate(kinds)]
    return tuple(zip(names, kinds, strict=True))


def _timed(connection: Any, sql: str, query: exp.Expr | None = None) -> list[Any]:
    timer = threading.Timer(LONGEST_SECONDS, connection.interrupt)
    timer.start()
    try:
        connection.execute(sql)
        return list(connection.fetchmany(MOST_ROWS + 1))
    except duckdb.InterruptException as error:
        raise QueryFailedError("Query timeout: the query ran longer than allowed") from error
    except duckdb.Error as error:
        raise QueryFailedError(reason_of(error, query)) from error
    finally:
        timer.cancel()
