"""information_schema: the catalog as tables, cut to what the caller sees.

Sources: Athena User Guide, querying-glue-catalog; Trino, "information_schema".
"""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls
from mocklake.athena.duckdb_values import to_trino_type
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.objects import File, Form
from mocklake.athena.session import Session
from mocklake.athena.sources import Source
from mocklake.athena.sql_text import TableName, list_columns

NAME = "information_schema"
KEPT = "$information_schema"
"""As DuckDB has one of its own by the first name, its queries have this."""
Row = dict[str, Any]
_TABLE = (("table_catalog", "string"), ("table_schema", "string"), ("table_name", "string"))
_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "schemata": (("catalog_name", "string"), ("schema_name", "string")),
    "tables": (*_TABLE, ("table_type", "string")),
    "columns": (
        *_TABLE, ("column_name", "string"), ("ordinal_position", "bigint"), ("column_default", "string"),
        ("is_nullable", "string"), ("data_type", "string"), ("comment", "string"), ("extra_info", "string"),
    ),
    "views": (*_TABLE, ("view_definition", "string")),
}  # fmt: skip


def resolve(query: exp.Expr) -> exp.Expr:
    """The query with DuckDB's name of the schema."""
    found = query.copy()
    for table in found.find_all(exp.Table):
        if table.db.lower() == NAME:
            table.set("db", exp.to_identifier(KEPT, quoted=True))
    return found


def source(session: Session, name: TableName) -> Source:
    """Raises QueryFailedError for a table that is none of information_schema's."""
    if name.table not in _COLUMNS:
        place = f"{name.catalog}.{NAME}.{name.table}"
        raise QueryFailedError(f"TABLE_NOT_FOUND: line 1:1: Table '{place}' does not exist")
    rows = "".join(json.dumps(row) + "\n" for row in _ROWS[name.table](session, name.catalog))
    columns = _COLUMNS[name.table]
    return Source(name, columns, (File(rows.encode(), form=Form("json")),) if rows else (), stored=columns)


def _databases(session: Session, catalog: str) -> list[str]:
    found = catalog_calls.listed(session, "GetDatabases", "DatabaseList", catalog=catalog)
    return [str(one["Name"]) for one in found]


def _found(session: Session, catalog: str) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each table with the columns that all rows about it begin with."""
    for database in _databases(session, catalog):
        try:
            tables = catalog_calls.listed(
                session, "GetTables", "TableList", catalog=catalog, DatabaseName=database
            )
        except QueryFailedError:  # a link that leads nowhere, or not to the caller
            continue
        for table in tables:
            yield {"table_catalog": catalog, "table_schema": database, "table_name": table["Name"]}, table


def _schemata(session: Session, catalog: str) -> Iterator[Row]:
    for name in sorted([*_databases(session, catalog), NAME]):
        yield {"catalog_name": catalog, "schema_name": name}


def _tables(session: Session, catalog: str) -> Iterator[Row]:
    for row, one in _found(session, catalog):
        yield row | {"table_type": "VIEW" if one.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE"}


def _columns(session: Session, catalog: str) -> Iterator[Row]:
    for row, table in _found(session, catalog):
        keys = {partition_key["Name"] for partition_key in table.get("PartitionKeys", [])}
        for place, one in enumerate(list_columns(table), start=1):
            yield row | {
                "column_name": one["Name"],
                "ordinal_position": place,
                "column_default": None,
                "is_nullable": "YES",
                "data_type": to_trino_type(one.get("Type", "string").lower()),
                "comment": one.get("Comment"),
                "extra_info": "partition key" if one["Name"] in keys else None,
            }


def _views(session: Session, catalog: str) -> Iterator[Row]:
    for row, one in _found(session, catalog):
        text = one.get("ViewOriginalText", "").strip()
        if one.get("TableType") == "VIRTUAL_VIEW" and text.startswith("/* Presto View: "):
            body = text.removeprefix("/* Presto View: ").removesuffix(" */")
            yield row | {"view_definition": json.loads(b64decode(body))["originalSql"]}


_ROWS: dict[str, Callable[[Session, str], Iterator[Row]]] = {
    "schemata": _schemata,
    "tables": _tables,
    "columns": _columns,
    "views": _views,
}
