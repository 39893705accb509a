"""INSERT INTO: the rows of a query or of VALUES, written into a table's location.

Source: Athena User Guide, insert-into; DG:lf-permissions-reference (INSERT).
"""

from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, table_formats
from mocklake.athena.catalog_calls import MissingError
from mocklake.athena.catalog_statements.tree_values import table_name
from mocklake.athena.columns import all_columns, data_columns
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.names import TableName
from mocklake.athena.parsing import DIALECT, Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.write_statements import storage
from mocklake.athena.write_statements.create_table_as import put_files
from mocklake.athena.write_statements.data_files import Layout
from mocklake.athena.write_statements.query_rows import Rows, stored_rows
from mocklake.athena.write_statements.query_types import trino_type

Columns = tuple[tuple[str, str], ...]
_FAMILIES = (
    {"tinyint", "smallint", "int", "bigint", "float", "double", "decimal"},
    {"string", "varchar", "char"},
    {"date", "timestamp"},
)


def insert(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    if not isinstance(tree, exp.Insert) or tree.expression is None:
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: no rows are given")
    name = table_name(session, tree.this)
    table = _table(session, name)
    described = table["StorageDescriptor"]
    place = storage.writer(session, name, described.get("Location", ""), "INSERT")
    with stored_rows(session, tree.expression.sql(dialect=DIALECT)) as rows:
        given = _columns(tree.this, table)
        _check_types(given, rows)
        by_place = {column: rows.columns[index][0] for index, (column, _) in enumerate(given)}
        if iceberg_tables.is_iceberg(table):
            written = iceberg_tables.append(session, (name, table), rows, place, by_place)
        else:
            layout = _layout(table, by_place)
            written = put_files(session, (name, table), rows, layout, place)
        return Outcome(update_count=rows.count, scanned=rows.scanned, written=written)


def _table(session: Session, name: TableName) -> dict[str, Any]:
    try:
        table = catalog_calls.table_of(session, name)
    except MissingError as error:
        text = f"Table '{name.catalog}.{name.database}.{name.table}' does not exist"
        raise QueryFailedError(f"TABLE_NOT_FOUND: line 1:1: {text}") from error
    if table.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailedError("NOT_SUPPORTED: line 1:1: Inserting into views is not supported")
    return table


def _columns(target: exp.Expr, table: dict[str, Any]) -> Columns:
    """Those that the statement names, else all, partition keys last."""
    kinds = {one["Name"]: one.get("Type", "string") for one in all_columns(table)}
    if not isinstance(target, exp.Schema):
        return tuple(kinds.items())
    names = [one.name.lower() for one in target.expressions]
    unknown = next((one for one in names if one not in kinds), None)
    if unknown is not None:
        raise QueryFailedError(
            f"COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {unknown}"
        )
    return tuple((one, kinds[one]) for one in names)


def _check_types(given: Columns, rows: Rows) -> None:
    found = [kind for _, kind in rows.columns]
    fits = len(given) == len(found) and all(
        _family(wanted) == _family(kind) for (_, wanted), kind in zip(given, found, strict=True)
    )
    if not fits:
        table = ", ".join(trino_type(kind) for _, kind in given)
        query = ", ".join(trino_type(kind) for kind in found)
        text = f"Insert query has mismatched column types: Table: [{table}], Query: [{query}]"
        raise QueryFailedError(f"TYPE_MISMATCH: line 1:1: {text}")


def _family(kind: str) -> str:
    """Types that Trino turns into each other by itself have one."""
    name = kind.partition("(")[0].partition("<")[0]
    return next((min(family) for family in _FAMILIES if name in family), name)


def _layout(table: dict[str, Any], by_place: dict[str, str]) -> Layout:
    serde = table["StorageDescriptor"].get("SerdeInfo", {})
    keys = tuple((one["Name"], one.get("Type", "string")) for one in table.get("PartitionKeys", []))
    missing = [name for name, _ in keys if name not in by_place]
    if missing:
        raise QueryFailedError(f"NOT_SUPPORTED: line 1:1: the partition key {missing[0]} needs a value")
    columns = tuple((one["Name"], one.get("Type", "string")) for one in data_columns(table))
    kind = table_formats.kind_of(serde.get("SerializationLibrary", ""))
    delimiter = serde.get("Parameters", {}).get("field.delim", "\x01")
    return Layout(kind, columns, keys, "", delimiter, by_place)
