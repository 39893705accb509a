"""Statements that change the catalog: databases, tables and views.

Source: Athena User Guide, "DDL statements" (create-database, alter-database-set-dbproperties, drop-database).

Sources: Athena User Guide, create-table, drop-table, querying-iceberg-creating-tables.

Sources: Athena User Guide, create-view, drop-view; Trino's ViewReaderUtil (the marker and its JSON).
"""

import json
from base64 import b64encode
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, table_files
from mocklake.athena.catalog_calls import HIVE_ERROR, ExistsError, MissingError
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.parsing import Statement, parse_query
from mocklake.athena.session import Outcome, Session
from mocklake.athena.sql_text import TableName
from mocklake.athena.statement_reader import (
    StatementReader,
    list_properties,
    read_columns,
    read_key_values,
    read_table_name,
)
from mocklake.athena.table_files import open_query_rows

EXISTS = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. AlreadyExistsException(message:Table {} already exists.)"
VIEW = "VIRTUAL_VIEW"


def create_database(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("CREATE")
    reader.choice("DATABASE", "SCHEMA")
    unless_there = reader.accept("IF", "NOT", "EXISTS")
    catalog, name = _path(reader, session)
    body: dict[str, Any] = {"Name": name}
    if reader.accept("COMMENT"):
        body["Description"] = reader.text()
    if reader.accept("LOCATION"):
        body["LocationUri"] = reader.text()
    if reader.accept("WITH", "DBPROPERTIES"):
        body["Parameters"] = reader.pairs()
    reader.end()
    try:
        catalog_calls.call(session, "CreateDatabase", catalog=catalog, DatabaseInput=body)
    except ExistsError as error:
        if not unless_there:
            raise QueryFailedError(f"{HIVE_ERROR}Database {name} already exists") from error
    return Outcome()


def alter_database(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("ALTER")
    reader.choice("DATABASE", "SCHEMA")
    catalog, name = _path(reader, session)
    given = reader.expect("SET", "DBPROPERTIES").pairs()
    reader.end()
    found = catalog_calls.call(session, "GetDatabase", catalog=catalog, Name=name)["Database"]
    kept = ("Name", "Description", "LocationUri", "CreateTableDefaultPermissions")
    body = {one: found[one] for one in kept if one in found}
    body["Parameters"] = found.get("Parameters", {}) | given
    catalog_calls.call(session, "UpdateDatabase", catalog=catalog, Name=name, DatabaseInput=body)
    return Outcome()


def drop_database(session: Session, statement: Statement) -> Outcome:
    """Without CASCADE the database must have no tables that the caller sees (assumed of those unseen)."""
    reader = StatementReader(statement.text).expect("DROP")
    reader.choice("DATABASE", "SCHEMA")
    if_there = reader.accept("IF", "EXISTS")
    catalog, name = _path(reader, session)
    cascade = reader.accept("CASCADE")
    if not cascade:
        reader.accept("RESTRICT")
    reader.end()
    try:
        catalog_calls.call(session, "GetDatabase", catalog=catalog, Name=name)
    except MissingError as error:
        if if_there:
            return Outcome()
        raise QueryFailedError(
            f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}"
        ) from error
    if not cascade and catalog_calls.listed(
        session, "GetTables", "TableList", catalog=catalog, DatabaseName=name
    ):
        text = f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        raise QueryFailedError(HIVE_ERROR + text)
    catalog_calls.call(session, "DeleteDatabase", catalog=catalog, Name=name)
    return Outcome()


def _path(reader: StatementReader, session: Session) -> tuple[str, str]:
    parts = reader.path()
    return (parts[-2] if len(parts) > 1 else session.catalog), parts[-1]


def create_table(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    if not isinstance(tree, exp.Create):
        raise QueryFailedError("FAILED: ParseException line 1:0 cannot recognize input")
    name, given = read_table_name(session, tree.this), read_key_values(tree)
    try:
        if given.get("table_type", "").upper() == "ICEBERG":
            iceberg_tables.create_table(session, name, tree)
        else:
            _create(session, name, build_hive_table(name, tree))
    except ExistsError as error:
        if not tree.args.get("exists"):
            raise QueryFailedError(EXISTS.format(name.table)) from error
    return Outcome()


def drop_table(session: Session, statement: Statement) -> Outcome:
    """The data of an Iceberg table go with it, those of others stay."""
    reader = StatementReader(statement.text).expect("DROP", "TABLE")
    if_there = reader.accept("IF", "EXISTS")
    name = reader.table(session.database, session.catalog)
    reader.accept("PURGE")
    reader.end()
    try:
        found = catalog_calls.table_of(session, name)
    except MissingError as error:
        if if_there:
            return Outcome()
        raise QueryFailedError(
            f"FAILED: SemanticException [Error 10001]: Table not found {name.database}.{name.table}"
        ) from error
    if found.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailedError("FAILED: SemanticException [Error 10131]: Cannot drop a view with DROP TABLE")
    files = iceberg_tables.open_objects(session, name, found)
    catalog_calls.delete_table(session, name)
    files.delete()
    return Outcome()


def build_hive_table(name: TableName, tree: exp.Create) -> dict[str, Any]:
    """The TableInput of an external table."""
    body: dict[str, Any] = {"Name": name.table, "TableType": "EXTERNAL_TABLE"}
    described: dict[str, Any] = table_files.build_storage("TEXTFILE") | {"Columns": read_columns(tree.this)}
    parameters, is_external = {"EXTERNAL": "TRUE"} | read_key_values(tree), False
    for one in list_properties(tree):
        match one:
            case exp.ExternalProperty():
                is_external = True
            case exp.SchemaCommentProperty():
                parameters["comment"] = one.name
            case exp.PartitionedByProperty():
                body["PartitionKeys"] = read_columns(one.this)
            case exp.LocationProperty():
                described["Location"] = one.name
            case exp.ClusteredByProperty():
                described |= {
                    "BucketColumns": [column.name.lower() for column in one.expressions],
                    "NumberOfBuckets": int(one.args["buckets"].name),
                }
            case exp.FileFormatProperty():
                described |= _format(one, described)
    _set_serde(described, list_properties(tree))
    if not is_external:
        raise QueryFailedError(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            "MetaException(message:Table type must be EXTERNAL_TABLE)"
        )
    _check_location(described.get("Location", ""))
    return body | {"StorageDescriptor": described, "Parameters": parameters}


def _format(one: exp.Expr, described: dict[str, Any]) -> dict[str, Any]:
    if isinstance(one.this, exp.InputOutputFormat):
        return {
            "InputFormat": one.this.args["input_format"].name,
            "OutputFormat": one.this.args["output_format"].name,
        }
    kind = one.this.name.upper()
    if kind not in table_files.FORMATS:
        raise QueryFailedError(
            f"FAILED: SemanticException Unrecognized file format in STORED AS clause: '{kind}'"
        )
    return described | table_files.build_storage(kind)


def _set_serde(described: dict[str, Any], properties: list[exp.Expr]) -> None:
    for one in properties:
        if isinstance(one, exp.RowFormatSerdeProperty):
            given = one.args.get("serde_properties")
            pairs = {pair.name: pair.args["value"].name for pair in given.expressions} if given else {}
            described["SerdeInfo"] = {"SerializationLibrary": one.name, "Parameters": pairs}
        if isinstance(one, exp.RowFormatDelimitedProperty):
            described["SerdeInfo"] = _delimited(one)
        if isinstance(one, exp.SerdeProperties):
            pairs = {pair.name: pair.args["value"].name for pair in one.expressions}
            described["SerdeInfo"]["Parameters"] |= pairs


def _delimited(one: exp.RowFormatDelimitedProperty) -> dict[str, Any]:
    names = {"fields": "field.delim", "escaped": "escape.delim", "lines": "line.delim",
             "collection_items": "collection.delim", "map_keys": "mapkey.delim", "null": "serialization.null.format"}  # fmt: skip
    found = {key: one.args[arg].name for arg, key in names.items() if one.args.get(arg) is not None}
    usual = {"serialization.format": found.get("field.delim", "1")}
    return {"SerializationLibrary": table_files.LAZY_SIMPLE, "Parameters": usual | found}


def _check_location(location: str) -> None:
    if not location:
        raise QueryFailedError(
            "FAILED: SemanticException No location was specified for table. An S3 location must be specified"
        )
    if not location.startswith("s3://"):
        raise QueryFailedError(f"FAILED: SemanticException Invalid location: {location}")


def _create(session: Session, name: TableName, body: dict[str, Any]) -> None:
    catalog_calls.call(
        session, "CreateTable", catalog=name.catalog, DatabaseName=name.database, TableInput=body
    )


def create_view(session: Session, statement: Statement) -> Outcome:
    """The caller must be able to run the query: its columns are the view's."""
    reader = StatementReader(statement.text).expect("CREATE")
    replaces = reader.accept("OR", "REPLACE")
    name = reader.expect("VIEW").table(session.database, session.catalog)
    reader.expect("AS")
    sql = reader.rest()
    parse_query(sql)
    with open_query_rows(session, sql) as rows:
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


def drop_view(session: Session, statement: Statement) -> Outcome:
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
