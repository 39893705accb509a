"""CREATE VIEW and DROP VIEW: Athena's views, kept as Presto keeps its own.

Sources: Athena User Guide, create-view, drop-view; Trino's ViewReaderUtil (the marker and its JSON).
"""

import json
from base64 import b64encode
from typing import Any

from mocklake.athena import catalog_calls
from mocklake.athena.catalog_calls import ExistsError, MissingError
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import TableName
from mocklake.athena.parsing import Statement, query_tree
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader
from mocklake.athena.write_statements.query_rows import query_rows

VIEW = "VIRTUAL_VIEW"


def create(session: Session, statement: Statement) -> Outcome:
    """The caller must be able to run the query: its columns are the view's."""
    reader = StatementReader(statement.text).expect("CREATE")
    replaces = reader.accept("OR", "REPLACE")
    name = reader.expect("VIEW").table(session.database, session.catalog)
    reader.expect("AS")
    sql = reader.rest()
    query_tree(sql)
    with query_rows(session, sql) as rows:
        body = _table_input(name, sql, rows.columns, rows.trino_types)
    try:
        catalog_calls.call(
            session, "CreateTable", catalog=name.catalog, DatabaseName=name.database, TableInput=body
        )
    except ExistsError as error:
        found = catalog_calls.table_of(session, name)
        if not replaces or found.get("TableType") != VIEW:
            kind = "View" if found.get("TableType") == VIEW else "Table"
            text = f"ALREADY_EXISTS: line 1:1: {kind} already exists: '{_full(name)}'"
            raise QueryFailedError(text) from error
        catalog_calls.update_table(session, name, body)
    return Outcome()


def drop(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("DROP", "VIEW")
    if_there = reader.accept("IF", "EXISTS")
    name = reader.table(session.database, session.catalog)
    reader.end()
    try:
        found = catalog_calls.table_of(session, name)
    except MissingError as error:
        if if_there:
            return Outcome()
        raise QueryFailedError(f"TABLE_NOT_FOUND: line 1:1: View '{_full(name)}' does not exist") from error
    if found.get("TableType") != VIEW:
        raise QueryFailedError(
            f"GENERIC_USER_ERROR: line 1:1: View '{_full(name)}' does not exist, but a table does"
        )
    catalog_calls.delete_table(session, name)
    return Outcome()


def _table_input(
    name: TableName, sql: str, columns: tuple[tuple[str, str], ...], types: tuple[str, ...]
) -> dict[str, Any]:
    kept = {
        "originalSql": sql,
        "catalog": name.catalog,
        "schema": name.database,
        "columns": [{"name": column, "type": kind} for (column, _), kind in zip(columns, types, strict=True)],
        "runAsInvoker": False,
        "properties": {},
    }
    marker = b64encode(json.dumps(kept).encode()).decode()
    return {
        "Name": name.table,
        "TableType": VIEW,
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": kind} for column, kind in columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "PartitionKeys": [],
        "ViewOriginalText": f"/* Presto View: {marker} */",
        "ViewExpandedText": "/* Presto View */",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
    }


def _full(name: TableName) -> str:
    return f"{name.catalog}.{name.database}.{name.table}"
