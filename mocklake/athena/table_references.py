"""Which tables an SQL text reads, found by walking DuckDB's own syntax tree.

Names are taken from table references alone, so an alias or a string cannot pass as a table, and whatever
is neither a table, a join, a subquery nor VALUES (table functions, SHOW, files) is refused.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import CATALOG, TableName

_HARMLESS = {"JOIN", "SUBQUERY", "EMPTY", "EXPRESSION_LIST", "PIVOT"}


def tables_of(sql: str, default_database: str, default_catalog: str = CATALOG) -> set[TableName]:
    """Raises QueryFailedError unless the text is one SELECT over plain tables."""
    found: set[TableName] = set()
    for reference in _references(_tree(sql), frozenset()):
        found.add(_named(reference, default_database.lower(), default_catalog.lower()))
    return found


def _tree(sql: str) -> Any:
    with _parser().cursor() as cursor:
        row = cursor.execute("SELECT json_serialize_sql(?::varchar)", [sql.strip().rstrip(";")]).fetchone()
    answer = json.loads(row[0]) if row else {}
    if answer.get("error"):
        message = str(answer.get("error_message", ""))
        only_select = "Only SELECT" in message
        raise QueryFailedError(
            "NOT_SUPPORTED: only SELECT statements are run here"
            if only_select
            else f"SYNTAX_ERROR: {message}"
        )
    if len(answer["statements"]) != 1:
        raise QueryFailedError("SYNTAX_ERROR: Only one sql statement is allowed")
    return answer["statements"][0]["node"]


@cache
def _parser() -> Any:
    """One empty database for all parsing: opening one costs more than a query."""
    return duckdb.connect(config={"threads": "1", "enable_external_access": "false"})


def _references(node: Any, common: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Table references below a node, without those that mean a common table expression in scope."""
    if isinstance(node, list):
        for one in node:
            yield from _references(one, common)
    if not isinstance(node, dict):
        return
    entries = (node.get("cte_map") or {}).get("map") or []
    common = common | {str(entry["key"]).lower() for entry in entries}
    if _is_table_reference(node):
        yield from _checked(node, common)
    for name, child in node.items():
        if name != "literal":
            yield from _references(child, common)


def _is_table_reference(node: dict[str, Any]) -> bool:
    return "type" in node and "sample" in node and "alias" in node and "class" not in node


def _checked(node: dict[str, Any], common: frozenset[str]) -> Iterator[dict[str, Any]]:
    kind = node["type"]
    if kind == "BASE_TABLE":
        if node.get("schema_name") or str(node["table_name"]).lower() not in common:
            yield node
    elif kind not in _HARMLESS and not _is_unnest(node):
        raise QueryFailedError(f"NOT_SUPPORTED: {kind.replace('_', ' ').lower()} in FROM")


def _is_unnest(node: dict[str, Any]) -> bool:
    return node["type"] == "TABLE_FUNCTION" and str(node["function"]["function_name"]) == "unnest"


def _named(reference: dict[str, Any], default_database: str, default_catalog: str) -> TableName:
    catalog = str(reference.get("catalog_name") or default_catalog).lower()
    database = str(reference.get("schema_name") or default_database).lower()
    table = str(reference["table_name"]).lower()
    if not database:
        raise QueryFailedError(
            "MISSING_SCHEMA_NAME: line 1:1: Schema must be specified when session schema is not set"
        )
    return TableName(database, table, catalog)
