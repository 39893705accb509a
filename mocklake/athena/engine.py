"""Runs one SELECT on a DuckDB that holds the granted columns and nothing else.

DuckDB reads local files and loads extensions when it may. So data is loaded first, then the connection
loses all access to the outside and its configuration is locked, and only then does the caller's SQL run.
"""

import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from mocklake.athena import sources, table_references, translation
from mocklake.athena.duckdb_values import athena_type, write_value
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.session import Result
from mocklake.athena.sources import Source, View, to_duckdb_type
from mocklake.athena.sql_text import (
    CATALOG,
    find_identifier_position,
    find_position,
    quote_name,
    write_literal,
)
from mocklake.athena.translation import ALIASES, MACROS, ColumnTypes, find_type, is_number

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
NOT_RESOLVED = "cannot be resolved or requester is not authorized to access requested resources"
_MISSING_COLUMN = re.compile(r'Referenced column "(?P<column>[^"]+)" not found')
_MISSING_MEMBER = re.compile(r'"(?P<table>[^"]+)" does not have a column named "(?P<column>[^"]+)"')
_MISSING_TABLE = re.compile(r'Referenced table "(?P<table>[^"]+)" not found')
_AMBIGUOUS = re.compile(r'Ambiguous reference to column name "(?P<column>[^"]+)"')
_UNGROUPED = re.compile(r'column "?(?P<column>[^" ]+)"? must appear in the GROUP BY')
_FUNCTION = re.compile(r"Function with name (?P<name>\w+) does not exist")
_CALL = re.compile(r"(?:name and argument types|function call) ['\"](?P<name>\w+)\((?P<types>.*?)\)['\"]")
_OPERATOR = re.compile(r"function call \"(?P<name>[^\w(]+)\((?P<left>\w+), (?P<right>\w+)\)\"")
_CONVERSION = re.compile(r"Could not convert string '(?P<value>.*)' to (?P<kind>\w+)")
_COMPARED = re.compile(r"Cannot compare values of type (?P<left>\S+) and (?:type )?(?P<right>\S+)")
_LITERALS = {"STRING_LITERAL": "varchar", "INTEGER_LITERAL": "integer", "INT32": "integer", "INT64": "bigint"}
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip


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
        connection.execute(f"ATTACH {write_literal(str(path))} AS {KEPT}")
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
            connection.execute(f"ATTACH ':memory:' AS {quote_name(catalog)}")
        for catalog, database in sorted(
            {(one.name.catalog, one.name.database) for one in sources} | {default}
        ):
            connection.execute(
                f"CREATE SCHEMA IF NOT EXISTS {quote_name(catalog)}.{quote_name(database or 'main')}"
            )
        for source in sources:
            _load_table(connection, source, with_path=with_path and source.view is None)
        for macro in MACROS:
            connection.execute(f"CREATE TEMP MACRO {macro}")
        connection.execute(f"USE {quote_name(default[0])}.{quote_name(default[1] or 'main')}")
    except duckdb.Error as error:
        raise QueryFailedError(f"HIVE_BAD_DATA: {error}") from error


def _load_table(connection: Any, source: Source, *, with_path: bool) -> None:
    name = source.name
    table = f"{quote_name(name.catalog)}.{quote_name(name.database)}.{quote_name(name.table)}"
    declared = ", ".join(f"{quote_name(name)} {to_duckdb_type(kind)}" for name, kind in source.columns)
    if not declared:
        raise QueryFailedError(
            f"Insufficient Lake Formation permission(s) on {source.name.table}: no column is granted"
        )
    hidden = f", {quote_name(translation.PATH)} varchar" if with_path else ""
    connection.execute(f"CREATE TABLE {table} ({declared}{hidden})")
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        for number, file in enumerate(source.files):
            path = Path(folder) / str(number)
            path.write_bytes(file.content)
            rows = sources.read_relation(connection, source, file, str(path))
            _insert(connection, table, source, rows, url=file.url if with_path else "")
        if source.view is not None:
            _materialise(source.view, Path(folder) / "view")
            connection.execute(f"ATTACH {write_literal(str(Path(folder) / 'view'))} AS {KEPT} (READ_ONLY)")
            _check_shape(source, rows := connection.table(f"{KEPT}.main.{KEPT}"))
            _insert(connection, table, source, rows)
            connection.execute(f"DETACH {KEPT}")


def _materialise(view: View, path: Path) -> None:
    """A view's rows into a file, by a DuckDB of its own: it holds what the view's reader may read."""
    with duckdb.connect(config=SETTINGS) as connection:
        _load(connection, view.sources, view.text.database)
        connection.execute(f"ATTACH {write_literal(str(path))} AS {KEPT}")
        _shut(connection)
        query = table_references.parse_view(view.text)
        sql = translation.to_duckdb(query, column_types(view.sources))
        try:
            _timed(connection, f"CREATE TABLE {KEPT}.main.{KEPT} AS {sql}", query)
        except QueryFailedError as error:
            raise QueryFailedError(table_references.hide_values(str(error))) from error


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
        listed = ", ".join(quote_name(name) for name in names)
        shown = ", ".join(_cell(name, source.masks.get(name.lower())) for name in names)
        content = _content(source, stored)
        where = f" WHERE {source.where}" if source.where else ""
        if url:
            listed, shown = f"{listed}, {quote_name(translation.PATH)}", f"{shown}, {write_literal(url)}"
        connection.execute(f"INSERT INTO {table} ({listed}) SELECT {shown} FROM {content}{where}")  # noqa: S608


def _cell(name: str, mask: str | None) -> str:
    return f"CASE WHEN {mask} THEN {quote_name(name)} END" if mask else quote_name(name)


def _content(source: Source, stored: set[str]) -> str:
    """The file with the table's columns and types, as a filter's conditions expect them."""
    if source.where is None and not source.masks:
        return "relation"
    granted = {name for name, _ in source.columns}
    conditions = " ".join([source.where or "", *source.masks.values()])
    casts = (
        f"CAST({quote_name(name) if name.lower() in stored else 'NULL'} AS {to_duckdb_type(kind)}) AS {quote_name(name)}"
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
    shown = (tuple(write_value(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in rows)
    return Result(_columns(described, query, types), tuple(shown))


def _columns(described: Any, query: exp.Expr | None, types: ColumnTypes) -> tuple[tuple[str, str], ...]:
    names = tuple(str(name) for name, *_ in described)
    kinds = [athena_type(str(kind)) for _, kind, *_ in described]
    if query is not None:
        names = translation.list_names(query, names)
        declared = translation.list_declared_types(query, types)
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


def reason_of(error: duckdb.Error, query: exp.Expr | None = None) -> str:
    message = str(error).partition("\n")[0]
    tree = query if query is not None else exp.Null()
    for form, told in _FORMS:
        found = form.search(message)
        if found is not None:
            return told(found, tree)
    if "Division by zero" in message:
        return "DIVISION_BY_ZERO: Division by zero"
    if isinstance(error, (duckdb.BinderException, duckdb.ParserException)):
        return f"SYNTAX_ERROR: {_shortened(message)}"
    return f"GENERIC_USER_ERROR: {_shortened(message)}"


def _shortened(message: str) -> str:
    return message.partition("Candidate")[0].strip()


def _column(found: re.Match[str], tree: exp.Expr) -> str:
    return f"COLUMN_NOT_FOUND: {find_identifier_position(tree, found['column'])}: Column '{found['column']}' {NOT_RESOLVED}"


def _member(found: re.Match[str], tree: exp.Expr) -> str:
    """By the alias that the query gave the table."""
    named = (
        one for one in tree.find_all(exp.Column) if one.name.lower() == found["column"].lower() and one.table
    )
    column = next(named, None)
    shown = f"{column.table}.{column.name}" if column is not None else found["column"]
    return f"COLUMN_NOT_FOUND: {find_position(column)}: Column '{shown}' {NOT_RESOLVED}"


def _table(found: re.Match[str], tree: exp.Expr) -> str:
    named = (one for one in tree.find_all(exp.Column) if one.table.lower() == found["table"].lower())
    column = next(named, None)
    shown = f"{column.table}.{column.name}" if column is not None else found["table"]
    return f"COLUMN_NOT_FOUND: {find_position(column)}: Column '{shown}' {NOT_RESOLVED}"


def _ambiguous(found: re.Match[str], tree: exp.Expr) -> str:
    place = find_identifier_position(tree, found["column"])
    return f"AMBIGUOUS_NAME: {place}: Column '{found['column']}' is ambiguous"


def _ungrouped(found: re.Match[str], tree: exp.Expr) -> str:
    name = found["column"].rpartition(".")[2]
    text = f"'{name}' must be an aggregate expression or appear in GROUP BY clause"
    return f"EXPRESSION_NOT_AGGREGATE: {find_identifier_position(tree, name)}: {text}"


def _function(found: re.Match[str], _tree: exp.Expr) -> str:
    return f"FUNCTION_NOT_FOUND: line 1:8: Function '{found['name'].lower()}' not registered"


def _call(found: re.Match[str], _tree: exp.Expr) -> str:
    kinds = ", ".join(_kind(one) for one in found["types"].split(", "))
    return f"FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters ({kinds}) for function {found['name']}"


def _operator(found: re.Match[str], tree: exp.Expr) -> str:
    return cannot_apply(find_position(tree), _kind(found["left"]), found["name"], _kind(found["right"]))


def _compared(found: re.Match[str], tree: exp.Expr) -> str:
    return cannot_apply(find_position(tree), _kind(found["left"]), "=", _kind(found["right"]))


def cannot_apply(place: str, left: str, operator: str, right: str) -> str:
    return f"TYPE_MISMATCH: {place}: Cannot apply operator: {left} {operator} {right}"


def _conversion(found: re.Match[str], _tree: exp.Expr) -> str:
    return f"INVALID_CAST_ARGUMENT: Cannot cast '{found['value']}' to {_kind(found['kind']).upper()}"


def _kind(name: str) -> str:
    return _LITERALS.get(name, name.lower())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], exp.Expr], str]], ...] = (
    (_MISSING_COLUMN, _column),
    (_MISSING_MEMBER, _member),
    (_MISSING_TABLE, _table),
    (_AMBIGUOUS, _ambiguous),
    (_UNGROUPED, _ungrouped),
    (_FUNCTION, _function),
    (_OPERATOR, _operator),
    (_COMPARED, _compared),
    (_CALL, _call),
    (_CONVERSION, _conversion),
)


def check(query: exp.Expr, types: ColumnTypes) -> None:
    """Raises QueryFailedError TYPE_MISMATCH."""
    for node in query.find_all(*_OPERATORS):
        left, right = find_type(node.this, types), find_type(node.expression, types)
        if _differ(left, right):
            shown = (_shown(node.this, left), _OPERATORS[type(node)], _shown(node.expression, right))
            raise QueryFailedError(cannot_apply(find_position(node), *shown))


def _differ(left: str, right: str) -> bool:
    sorts = {_sort(left), _sort(right)}
    return "" not in sorts and len(sorts) > 1


def _sort(kind: str) -> str:
    """Types of one sort can be compared."""
    if is_number(kind):
        return "number"
    if kind.startswith(("varchar", "char")):
        return "text"
    if kind == "date" or kind.startswith("timestamp"):
        return "moment"
    return "boolean" if kind == "boolean" else ""


def _shown(node: exp.Expr, kind: str) -> str:
    is_text = isinstance(node, exp.Literal) and node.is_string
    return f"varchar({len(node.name)})" if is_text else kind
