"""Which tables and views an SQL text reads, and views as Athena reads them.

Names are taken from table references alone, so an alias or a string cannot pass as a table, and whatever
is neither a table, a join, a subquery nor VALUES (table functions, SHOW, files) is refused.

A Data Catalog view runs as its definer (DG:working-with-views); an Athena view, which Presto's marker in
ViewOriginalText tells, as whoever asks (Athena User Guide, views). Names in a view mean the catalogs of the account
that the view is in (for Athena views across accounts assumed).
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import duckdb
from sqlglot import exp

from mocklake import partitions
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import parse_query
from mocklake.athena.sql_text import CATALOG, TableName
from mocklake.errors import AwsError
from mocklake.glue.access import Target
from mocklake.glue.store import Table
from mocklake.iam.callers import Caller

_HARMLESS = {"JOIN", "SUBQUERY", "EMPTY", "EXPRESSION_LIST", "PIVOT"}
DEEPEST = 10
DIALECT = "ATHENA"
_PRESTO = re.compile(r"/\* Presto View: (?P<body>[A-Za-z0-9+/=]+) \*/")


def list_tables(sql: str, default_database: str, default_catalog: str = CATALOG) -> set[TableName]:
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


@dataclass(frozen=True)
class ViewText:
    """`definer` is a role's ARN, or None where the asker's own rights count."""

    sql: str
    database: str
    definer: str | None


def read_view(table: Table, database: str) -> ViewText | None:
    """None for what is no view. Raises QueryFailedError for a view that Athena cannot run."""
    if table.view is not None:
        return ViewText(_representation(table, table.view), database, table.view["Definer"])
    if table.body.get("TableType") != "VIRTUAL_VIEW":
        return None
    match = _PRESTO.fullmatch(table.body.get("ViewOriginalText", "").strip())
    try:
        kept = json.loads(b64decode(match["body"])) if match else {}
        return ViewText(kept["originalSql"], str(kept.get("schema") or database), None)
    except (ValueError, KeyError) as error:
        raise QueryFailedError(f"INVALID_VIEW: line 1:1: View {table.name} is no view of Athena") from error


def parse_view(text: ViewText) -> exp.Expr:
    """Raises QueryFailedError for a text that is no query of Athena's."""
    try:
        return parse_query(text.sql)
    except AwsError as error:
        raise QueryFailedError(f"INVALID_VIEW: {error.message}") from error


def hide_values(reason: str) -> str:
    """A reason without the values that only the view's definer may see."""
    return re.sub(r"Cannot cast '.*' to", "Cannot cast value to", reason)


def get_reader(text: ViewText, caller: Caller, place: Target) -> Caller:
    if text.definer is None:
        return replace(caller, region=place.region)
    account, name = text.definer.split(":")[4], text.definer.rsplit("/", 1)[1]
    session = f"arn:{partitions.of_arn(text.definer)}:sts::{account}:assumed-role/{name}/athena"
    return Caller(account, place.region, text.definer, session, "athena")


def _representation(table: Table, view: dict[str, Any]) -> str:
    representations = [
        representation
        for representation in view["Representations"]
        if representation.get("Dialect") == DIALECT
    ]
    if not representations or "ViewOriginalText" not in representations[0]:
        raise QueryFailedError(f"INVALID_VIEW: line 1:1: View {table.name} has no dialect {DIALECT}")
    if representations[0].get("IsStale"):
        raise QueryFailedError(f"VIEW_IS_STALE: line 1:1: View {table.name} is stale in dialect {DIALECT}")
    return str(representations[0]["ViewOriginalText"])
