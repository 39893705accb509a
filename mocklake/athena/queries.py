"""SELECT: the tables that it names are loaded as the caller may read them, then DuckDB runs it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from mocklake.athena import (
    auditing,
    comparisons,
    engine,
    information_schema,
    parameters,
    parsing,
    table_references,
    translation,
)
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import time_travel
from mocklake.athena.names import TableName
from mocklake.athena.parsing import Statement
from mocklake.athena.positions import position_of
from mocklake.athena.results import Result
from mocklake.athena.session import Outcome, Session
from mocklake.athena.sources import Source
from mocklake.errors import AwsError

_EXPLAIN = re.compile(
    r"\s*EXPLAIN\s+(ANALYZE\s+)?(VERBOSE\s+)?(\([^)]*\)\s*)?(?P<query>.*)", re.IGNORECASE | re.DOTALL
)
PLAN = "Query Plan"


@dataclass(frozen=True)
class Plan:
    """A query with what it reads, and its text for DuckDB."""

    query: exp.Expr
    sources: tuple[Source, ...]
    sql: str

    @property
    def scanned(self) -> int:
        return _size(self.sources)


def run(session: Session, statement: Statement) -> Outcome:
    plan = planned(session, statement.text)
    result = engine.run(plan.sql, plan.sources, session.database, session.catalog, plan.query)
    return Outcome(result, scanned=plan.scanned)


def explain(session: Session, statement: Statement) -> Outcome:
    """DuckDB's plan; Trino's looks otherwise."""
    found = _EXPLAIN.fullmatch(statement.text)
    plan = planned(session, found["query"] if found else "")
    shown = engine.run(f"EXPLAIN {plan.sql}", plan.sources, session.database, session.catalog)
    lines = [line for row in shown.rows for line in (row[-1] or "").splitlines()]
    return Outcome(Result(((PLAN, "varchar"),), tuple((line,) for line in lines)))


def store_rows(session: Session, text: str, path: Path) -> Outcome:
    """The query's rows as table `kept.main.kept` of a new DuckDB file; the outcome has columns and no rows.

    For CTAS, INSERT and UNLOAD, whose modules read the file with a DuckDB of their own.
    """
    plan = planned(session, text)
    result = engine.store(
        plan.sql, plan.sources, session.database, session.catalog, query=plan.query, path=path
    )
    return Outcome(result, scanned=plan.scanned)


def planned(session: Session, text: str) -> Plan:
    """Raises QueryFailedError for what cannot be resolved or may not be read."""
    query = _query(parameters.bound(text, session.parameters))
    query = information_schema.resolve(time_travel.resolve(query))
    names = table_references.tables_of(translation.to_duckdb(query, {}), session.database, session.catalog)
    with session.world.lock:
        sources = tuple(_load(session, query, name) for name in sorted(names))
    types = engine.column_types(sources)
    comparisons.check(query, types)
    return Plan(query, sources, translation.to_duckdb(query, types))


def _query(text: str) -> exp.Expr:
    try:
        return parsing.query_tree(text)
    except AwsError as error:
        raise QueryFailedError(f"SYNTAX_ERROR: {error.message}") from error


def _load(session: Session, query: exp.Expr, name: TableName) -> Source:
    if name.database == information_schema.KEPT:
        return information_schema.source(session, name)
    try:
        return auditing.load(session.world, session.caller, name, session.query_id)
    except QueryFailedError as error:
        tables = (one for one in query.find_all(exp.Table) if one.name.lower() == name.table)
        place = position_of(next(tables, None))
        raise QueryFailedError(str(error).replace("line 1:1:", f"{place}:", 1)) from error


def _size(sources: Sequence[Source]) -> int:
    inside = (_size(source.view.sources) for source in sources if source.view)
    return sum(len(file.content) for source in sources for file in source.files) + sum(inside)
