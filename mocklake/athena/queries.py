"""SELECT: the tables that it names are loaded as the caller may read them, then DuckDB runs it.

Through a link there are two, one about the link in the account that has it, one about the table itself (DG:
cross-account-logging). The tables behind a view are recorded as read by whoever asks (assumed).

Source: Athena User Guide, querying-iceberg-time-travel-and-version-travel-queries.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from mocklake.athena import engine, information_schema, parsing, sources, table_references, translation
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg.reading import AS_OF_TIME, AS_OF_VERSION
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Result, Session
from mocklake.athena.sources import Source
from mocklake.athena.sql_text import CATALOG, TableName, find_position
from mocklake.catalog_ids import arn, full_id, owner_of
from mocklake.cloudtrail import data_access
from mocklake.cloudtrail.data_access import Engine
from mocklake.errors import AwsError
from mocklake.glue import access
from mocklake.glue.access import Target
from mocklake.glue.store import find_table
from mocklake.iam.callers import Caller
from mocklake.lakeformation.hybrid import registered_at
from mocklake.lakeformation.store import book_of
from mocklake.world import World

_EXPLAIN = re.compile(
    r"\s*EXPLAIN\s+(ANALYZE\s+)?(VERBOSE\s+)?(\([^)]*\)\s*)?(?P<query>.*)", re.IGNORECASE | re.DOTALL
)
PLAN = "Query Plan"
DIALECT = "athena"
_VALUES = (exp.Literal, exp.Neg, exp.Boolean, exp.Null, exp.Cast, exp.Interval, exp.Func)
MORE: dict[str, Any] = {"cellLevelSecurityEnforced": True}


@dataclass(frozen=True)
class Plan:
    """A query with what it reads, and its text for DuckDB."""

    query: exp.Expr
    sources: tuple[Source, ...]
    sql: str

    @property
    def scanned(self) -> int:
        return _size(self.sources)


def run_query(session: Session, statement: Statement) -> Outcome:
    plan = plan_query(session, statement.text)
    result = engine.run(plan.sql, plan.sources, session.database, session.catalog, plan.query)
    return Outcome(result, scanned=plan.scanned)


def explain_query(session: Session, statement: Statement) -> Outcome:
    """DuckDB's plan; Trino's looks otherwise."""
    found = _EXPLAIN.fullmatch(statement.text)
    plan = plan_query(session, found["query"] if found else "")
    shown = engine.run(f"EXPLAIN {plan.sql}", plan.sources, session.database, session.catalog)
    lines = [line for row in shown.rows for line in (row[-1] or "").splitlines()]
    return Outcome(Result(((PLAN, "varchar"),), tuple((line,) for line in lines)))


def store_rows(session: Session, text: str, path: Path) -> Outcome:
    """The query's rows as table `kept.main.kept` of a new DuckDB file; the outcome has columns and no rows.

    For CTAS, INSERT and UNLOAD, whose modules read the file with a DuckDB of their own.
    """
    plan = plan_query(session, text)
    result = engine.store(
        plan.sql, plan.sources, session.database, session.catalog, query=plan.query, path=path
    )
    return Outcome(result, scanned=plan.scanned)


def plan_query(session: Session, text: str) -> Plan:
    """Raises QueryFailedError for what cannot be resolved or may not be read."""
    query = _query(bind_values(text, session.parameters))
    query = information_schema.resolve(resolve_versions(query))
    names = table_references.list_tables(translation.to_duckdb(query, {}), session.database, session.catalog)
    with session.world.lock:
        sources = tuple(_load(session, query, name) for name in sorted(names))
    types = engine.column_types(sources)
    engine.check(query, types)
    return Plan(query, sources, translation.to_duckdb(query, types))


def _query(text: str) -> exp.Expr:
    try:
        return parsing.parse_query(text)
    except AwsError as error:
        raise QueryFailedError(f"SYNTAX_ERROR: {error.message}") from error


def _load(session: Session, query: exp.Expr, name: TableName) -> Source:
    if name.database == information_schema.KEPT:
        return information_schema.source(session, name)
    try:
        return load(session.world, session.caller, name, session.query_id)
    except QueryFailedError as error:
        tables = (one for one in query.find_all(exp.Table) if one.name.lower() == name.table)
        place = find_position(next(tables, None))
        raise QueryFailedError(str(error).replace("line 1:1:", f"{place}:", 1)) from error


def _size(sources: Sequence[Source]) -> int:
    inside = (_size(source.view.sources) for source in sources if source.view)
    return sum(len(file.content) for source in sources for file in source.files) + sum(inside)


def bind_values(text: str, values: Sequence[str]) -> str:
    """The text with each value in its place, from left to right. Raises QueryFailedError for what does not fit."""
    tokens = sqlglot.tokenize(text, read=DIALECT)
    marks = [token for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    if len(marks) != len(values):
        counted = f"expected {len(marks)} but found {len(values)}"
        raise QueryFailedError(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: {counted}"
        )
    for mark, value in reversed(list(zip(marks, values, strict=True))):
        text = f"{text[: mark.start]} {_checked(value)} {text[mark.end + 1 :]}"
    return text


def split_values(text: str) -> tuple[str, ...]:
    """The values of USING. Raises QueryFailedError."""
    if not text.strip():
        return ()
    return tuple(one.sql(DIALECT) for one in _parsed(text))


def _checked(value: str) -> str:
    """A value is no piece of SQL: neither a column, a subquery nor an operator."""
    found = _parsed(value)
    is_value = len(found) == 1 and isinstance(found[0], _VALUES) and not isinstance(found[0], exp.Binary)
    if not is_value or found[0].find(exp.Column, exp.Query):
        raise QueryFailedError(f"INVALID_PARAMETER_USAGE: line 1:1: {value} is no value of a parameter")
    return value


def _parsed(text: str) -> list[exp.Expr]:
    try:
        (tree,) = sqlglot.parse(f"SELECT {text}", read=DIALECT)
    except (SqlglotError, ValueError) as error:
        raise QueryFailedError(f"INVALID_PARAMETER_USAGE: line 1:1: {text} cannot be read") from error
    is_list = isinstance(tree, exp.Select) and set(_given(tree)) == {"expressions"}
    return list(tree.expressions) if tree is not None and is_list else []


def _given(tree: exp.Expr) -> list[str]:
    return [name for name, value in tree.args.items() if value]


def engine_of(query_id: str) -> Engine:
    return Engine("athena.amazonaws.com", "ATHENA", "AT", f"{{queryId: {query_id}}}")


def load(world: World, caller: Caller, name: TableName, query_id: str) -> Source:
    """As `sources.load`, written down whether it may be read or not."""
    try:
        source = sources.load_source(world, caller, name)
    except QueryFailedError as error:
        _note(world, caller, name, query_id, refused=str(error))
        raise
    _note_all(world, caller, source, query_id, home="")
    return source


def _note_all(world: World, caller: Caller, source: Source, query_id: str, *, home: str) -> None:
    """A view has no location: the tables that it reads are written down, found in the catalogs of its account."""
    target = _note(world, caller, source.name, query_id, home=home)
    if source.view is not None and target is not None:
        for inner in source.view.sources:
            _note_all(world, caller, inner, query_id, home=owner_of(target.catalog_id))


def _note(
    world: World, caller: Caller, name: TableName, query_id: str, *, refused: str = "", home: str = ""
) -> Target | None:
    """Where the table really lies. `home` is the account in whose catalogs its name lies, if not the caller's."""
    account = home or caller.account
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    base = name.table.partition("$")[0]
    place = Target(catalog_id, caller.region, name.database, base)
    try:
        target = access.resolve(world, catalog_id, caller.region, name.database, base)
    except AwsError:
        return None
    if _is_registered(world, target):
        error = AwsError("AccessDeniedException", refused) if refused else None
        engine = engine_of(query_id)
        session = data_access.session_name(caller.account, engine)
        for one in dict.fromkeys((place, target)):
            table_arn = arn(one.region, one.catalog_id, "table", one.database, one.table or "")
            data_access.note(world, caller, table_arn, engine, session=session, more=MORE, error=error)
    return target


def _is_registered(world: World, place: Target) -> bool:
    table = find_table(world, place.catalog_id, place.region, place.database, place.table or "")
    book = book_of(world, place.catalog_id, place.region)
    return registered_at(book, table) is not None


def resolve_versions(query: exp.Expr) -> exp.Expr:
    """The query with other names in place of tables at a time or version; their aliases stay."""
    found = query.copy()
    for table in list(found.find_all(exp.Table)):
        version = table.args.get("version")
        if not isinstance(version, exp.Version):
            continue
        name = table.name
        table.set("version", None)
        table.set("this", exp.to_identifier(f"{name}${_kind(version)}", quoted=True))
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
    return found


def _kind(version: exp.Version) -> str:
    value = version.expression
    if version.name == "VERSION":
        return f"{AS_OF_VERSION}{value.name}"
    return f"{AS_OF_TIME}{_milliseconds(value)}"


def _milliseconds(value: exp.Expr) -> int:
    """Evaluated without any table."""
    moment = exp.select(exp.cast(value.copy(), "TIMESTAMPTZ").as_("moment"))
    try:
        sql = f"SELECT epoch_ms(moment) AS moment FROM ({translation.to_duckdb(moment, {})})"  # noqa: S608
        shown = engine.run(sql, [], "").rows[0][0]
        return int(shown or 0)
    except (ValueError, IndexError) as error:
        raise QueryFailedError("INVALID_ARGUMENTS: line 1:1: the time cannot be read") from error
