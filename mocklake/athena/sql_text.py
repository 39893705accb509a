"""Tables, names, values, types and positions in the text of a statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

HIVE_BRACKETS, DUCKDB_BRACKETS = ("<(", ">)"), ("(", ")")
CATALOG = "awsdatacatalog"


def quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def write_literal(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def split_types(inner: str, brackets: tuple[str, str] = HIVE_BRACKETS) -> list[str]:
    """What stands between the commas that lie in no brackets of their own."""
    opening, closing = brackets
    found, depth = [""], 0
    for sign in inner:
        depth += (sign in opening) - (sign in closing)
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return [one.strip() for one in found]


@dataclass(frozen=True, order=True)
class TableName:
    """A table as the SQL names it; all parts in lower case as Glue stores them.

    `catalog` is the account's own, or the path of one nested in it (`s3tablescatalog/bucket`).
    """

    database: str
    table: str
    catalog: str = CATALOG


def find_position(node: exp.Expr | None) -> str:
    """The position of its first word; the beginning where that is not known."""
    if node is None:
        return "line 1:1"
    places = [
        (one.meta["line"], one.meta["col"] - (one.meta["end"] - one.meta["start"]))
        for one in node.walk()
        if "line" in one.meta
    ]
    line, column = min(places, default=(1, 1))
    return f"line {line}:{max(1, column)}"


def find_identifier_position(tree: exp.Expr, name: str) -> str:
    found = (one for one in tree.find_all(exp.Identifier, bfs=False) if one.name.lower() == name.lower())
    return find_position(next(found, None))


def list_data_columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Without those that Iceberg's clients keep in Glue after they are dropped or renamed."""
    found = table.get("StorageDescriptor", {}).get("Columns", [])
    return [one for one in found if one.get("Parameters", {}).get("iceberg.field.current", "true") == "true"]


def list_columns(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Partition keys last."""
    return [*list_data_columns(table), *table.get("PartitionKeys", [])]
