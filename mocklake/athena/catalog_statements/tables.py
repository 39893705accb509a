"""CREATE TABLE without a query, and DROP TABLE.

Sources: Athena User Guide, create-table, drop-table, querying-iceberg-creating-tables.
"""

from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, table_formats
from mocklake.athena.catalog_calls import ExistsError, MissingError
from mocklake.athena.catalog_statements.column_types import columns_of
from mocklake.athena.catalog_statements.tree_values import key_values, properties_of, table_name
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.names import TableName
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader

EXISTS = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. AlreadyExistsException(message:Table {} already exists.)"


def create(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    if not isinstance(tree, exp.Create):
        raise QueryFailedError("FAILED: ParseException line 1:0 cannot recognize input")
    name, given = table_name(session, tree.this), key_values(tree)
    try:
        if given.get("table_type", "").upper() == "ICEBERG":
            iceberg_tables.create(session, name, tree)
        else:
            _create(session, name, hive_table(name, tree))
    except ExistsError as error:
        if not tree.args.get("exists"):
            raise QueryFailedError(EXISTS.format(name.table)) from error
    return Outcome()


def drop(session: Session, statement: Statement) -> Outcome:
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
    files = iceberg_tables.objects_of(session, name, found)
    catalog_calls.delete_table(session, name)
    files.delete()
    return Outcome()


def hive_table(name: TableName, tree: exp.Create) -> dict[str, Any]:
    """The TableInput of an external table."""
    body: dict[str, Any] = {"Name": name.table, "TableType": "EXTERNAL_TABLE"}
    described: dict[str, Any] = table_formats.storage("TEXTFILE") | {"Columns": columns_of(tree.this)}
    parameters, is_external = {"EXTERNAL": "TRUE"} | key_values(tree), False
    for one in properties_of(tree):
        match one:
            case exp.ExternalProperty():
                is_external = True
            case exp.SchemaCommentProperty():
                parameters["comment"] = one.name
            case exp.PartitionedByProperty():
                body["PartitionKeys"] = columns_of(one.this)
            case exp.LocationProperty():
                described["Location"] = one.name
            case exp.ClusteredByProperty():
                described |= {
                    "BucketColumns": [column.name.lower() for column in one.expressions],
                    "NumberOfBuckets": int(one.args["buckets"].name),
                }
            case exp.FileFormatProperty():
                described |= _format(one, described)
    _set_serde(described, properties_of(tree))
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
    if kind not in table_formats.FORMATS:
        raise QueryFailedError(
            f"FAILED: SemanticException Unrecognized file format in STORED AS clause: '{kind}'"
        )
    return described | table_formats.storage(kind)


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
    return {"SerializationLibrary": table_formats.LAZY_SIMPLE, "Parameters": usual | found}


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
