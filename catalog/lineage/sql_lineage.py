"""Which columns of which tables the columns of a query come from, by its text alone. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, to_node
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import ensure_schema

MAX_TABLES, MAX_COLUMNS = 100, 2000


class UnreadableQueryError(Exception):
    """The text is no query that can be read."""


class TableName(NamedTuple):
    """In lower case; `database` is empty where the query names none."""

    database: str
    name: str


class ColumnSource(NamedTuple):
    table: TableName
    column: str
    target: str


def parse_query(text: str, dialect: str) -> exp.Query:
    """The query of a SELECT, CREATE … AS or INSERT … SELECT. UnreadableQueryError."""
    try:
        statement = sqlglot.parse_one(text, read=dialect)
    except (SqlglotError, RecursionError, ValueError) as error:
        raise UnreadableQueryError(type(error).__name__) from error
    query = statement if isinstance(statement, exp.Query) else statement.args.get("expression")
    if not isinstance(query, exp.Query):
        raise UnreadableQueryError("no query")
    if statement is not query and (common := statement.args.get("with_") or statement.args.get("with")):
        query.set("with_" if "with_" in query.arg_types else "with", common)
    return query


def list_tables(query: exp.Query) -> list[TableName]:
    """Tables that the query reads, without its own common table expressions."""
    own = {one.alias_or_name.lower() for one in query.find_all(exp.CTE)}
    found = dict.fromkeys(
        TableName(table.db.lower(), table.name.lower())
        for table in query.find_all(exp.Table)
        if table.name and (table.db or table.name.lower() not in own)
    )
    return list(found)[:MAX_TABLES]


def trace_columns(
    query: exp.Query, dialect: str, schema: Mapping[TableName, Sequence[str]], targets: Sequence[str] = ()
) -> list[ColumnSource]:
    """`schema`: columns by table. `targets`: names of the query's columns, in order, if they are known. UnreadableQueryError."""
    try:
        return list(_trace(query, dialect, schema, targets))
    except (SqlglotError, RecursionError, ValueError, KeyError) as error:
        raise UnreadableQueryError(type(error).__name__) from error


def _trace(
    query: exp.Query, dialect: str, schema: Mapping[TableName, Sequence[str]], targets: Sequence[str]
) -> Iterator[ColumnSource]:
    nested: dict[str, Any] = {}
    for name, columns in schema.items():
        nested.setdefault(name.database or "_", {})[name.name] = dict.fromkeys(columns, "text")
    for table in query.find_all(exp.Table):
        if not table.db and TableName("", table.name.lower()) in schema:
            table.set("db", exp.to_identifier("_"))
    known = ensure_schema(nested, dialect=dialect)
    qualified = qualify(query, dialect=dialect, schema=known, validate_qualify_columns=False, identify=False)
    scope = build_scope(qualified)
    if scope is None:
        raise UnreadableQueryError("no scope")
    for number, select in enumerate(qualified.selects[:MAX_COLUMNS]):
        target = targets[number] if number < len(targets) else select.alias_or_name
        if target and target != "*":
            yield from _list_sources(
                to_node(number, scope, dialect, known, trim_selects=False), target.lower()
            )


def _list_sources(node: Node, target: str) -> Iterator[ColumnSource]:
    for leaf in node.walk():
        if leaf.downstream or not isinstance(leaf.source, exp.Table) or leaf is node:
            continue
        column = leaf.name.rsplit(".", 1)[-1].strip('"`').lower()
        database = leaf.source.db.lower()
        if column and column != "*":
            table = TableName("" if database == "_" else database, leaf.source.name.lower())
            yield ColumnSource(table, column, target)
