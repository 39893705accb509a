"""Statements that write the rows of a query: CREATE TABLE AS, INSERT and UNLOAD.

Source: Athena User Guide, create-table-as, ctas-considerations-limitations.

Source: Athena User Guide, insert-into; DG:lf-permissions-reference (INSERT).

Source: Athena User Guide, unload. Registered locations count for nothing here: the caller's own IAM decides.
"""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, table_files
from mocklake.athena.catalog_calls import ExistsError, MissingError
from mocklake.athena.duckdb_values import to_trino_type
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.objects import Storage
from mocklake.athena.parsing import DIALECT, Statement
from mocklake.athena.session import Outcome, Session
from mocklake.athena.sql_text import TableName, list_columns, list_data_columns
from mocklake.athena.statement_reader import (
    StatementReader,
    list_properties,
    read_plain_value,
    read_table_name,
)
from mocklake.athena.table_files import Layout, Rows, open_query_rows, open_stored_rows

_KNOWN = {
    "format", "external_location", "location", "partitioned_by", "partitioning", "bucketed_by", "bucket_count",
    "write_compression", "parquet_compression", "orc_compression", "compression_level", "field_delimiter",
    "table_type", "is_external", "vacuum_max_snapshots_to_keep", "vacuum_min_snapshots_to_keep",
    "vacuum_max_snapshot_age_seconds", "vacuum_max_metadata_files_to_keep", "optimize_rewrite_min_data_file_size_bytes",
    "optimize_rewrite_max_data_file_size_bytes", "optimize_rewrite_data_file_threshold",
    "optimize_rewrite_delete_file_threshold",
}  # fmt: skip
Columns = tuple[tuple[str, str], ...]
_FAMILIES = (
    {"tinyint", "smallint", "int", "bigint", "float", "double", "decimal"},
    {"string", "varchar", "char"},
    {"date", "timestamp"},
)
_FORMATS = ("PARQUET", "JSON", "TEXTFILE", "ORC", "AVRO")


@dataclass(frozen=True)
class Options:
    """What WITH (…) says."""

    given: dict[str, str | list[str]]
    with_data: bool

    def text(self, *names: str, usual: str = "") -> str:
        return next((str(self.given[name]) for name in names if name in self.given), usual)

    def texts(self, name: str) -> list[str]:
        found = self.given.get(name, [])
        return found if isinstance(found, list) else [found]


def create_table_as(session: Session, statement: Statement) -> Outcome:
    """Nothing is written before all that the statement needs is allowed."""
    tree = statement.tree
    if not isinstance(tree, exp.Create):
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: no query is given")
    name, options = read_table_name(session, tree.this), _read_options(tree)
    if _is_there(session, name):
        if tree.args.get("exists"):
            return Outcome()
        text = f"Table '{name.catalog}.{name.database}.{name.table}' already exists"
        raise QueryFailedError(f"TABLE_ALREADY_EXISTS: line 1:1: {text}")
    location = _find_location(session, options)
    place = table_files.creator(session, name, location)
    with open_query_rows(session, tree.expression.sql(dialect=DIALECT)) as rows:
        place.require_write()
        if place.listing():
            text = f"Target directory for table '{name.database}.{name.table}' already exists: {location}"
            raise QueryFailedError(f"HIVE_PATH_ALREADY_EXISTS: {text}")
        return _made(session, name, options, rows, place)


def _made(session: Session, name: TableName, options: Options, rows: Rows, place: Storage) -> Outcome:
    if options.text("table_type").upper() == "ICEBERG":
        partitioning = options.texts("partitioning")
        written = iceberg_tables.create_table_from(
            session, name, rows, place, partitioning, with_data=options.with_data
        )
        return Outcome(
            update_count=rows.count if options.with_data else 0, scanned=rows.scanned, written=written
        )
    layout = _build_layout(options, rows)
    body = _table_input(name, options, layout, place.location)
    try:
        catalog_calls.call(
            session, "CreateTable", catalog=name.catalog, DatabaseName=name.database, TableInput=body
        )
    except ExistsError as error:
        raise QueryFailedError(f"TABLE_ALREADY_EXISTS: line 1:1: {error}") from error
    if not options.with_data:
        return Outcome(scanned=rows.scanned)
    written = put_files(session, (name, body), rows, layout, place)
    return Outcome(update_count=rows.count, scanned=rows.scanned, written=written)


def put_files(
    session: Session, named: tuple[TableName, dict[str, Any]], rows: Rows, layout: Layout, place: Storage
) -> tuple[str, ...]:
    """Writes the rows and registers partitions that are new; the places of the objects."""
    name, table = named
    found, partitions = [], set()
    for file in table_files.write_files(rows, layout, session.query_id):
        found.append(place.put(f"{place.prefix}{file.folder}{file.name}", file.content))
        partitions.add((file.values, file.folder))
    for values, folder in sorted(partitions) if layout.keys else ():
        described = table["StorageDescriptor"] | {"Location": f"{place.location}{folder}"}
        try:
            catalog_calls.call(
                session, "CreatePartition", catalog=name.catalog, DatabaseName=name.database,
                TableName=name.table, PartitionInput={"Values": list(values), "StorageDescriptor": described},
            )  # fmt: skip
        except ExistsError:
            continue
    return tuple(found)


def _read_options(tree: exp.Create) -> Options:
    given: dict[str, str | list[str]] = {}
    with_data = True
    for one in list_properties(tree):
        match one:
            case exp.WithDataProperty():
                with_data = not one.args.get("no")
            case exp.FileFormatProperty():
                given["format"] = read_plain_value(one.this)
            case exp.PartitionedByProperty():
                given["partitioned_by"] = read_plain_value(one.this)
            case exp.LocationProperty():
                given["location"] = one.name
            case exp.Property():
                given[one.name.lower()] = read_plain_value(one.args.get("value"))
    unknown = set(given) - _KNOWN
    if unknown:
        text = f"Catalog 'awsdatacatalog' table property '{min(unknown)}' does not exist"
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: line 1:1: {text}")
    return Options(given, with_data)


def _is_there(session: Session, name: TableName) -> bool:
    try:
        catalog_calls.table_of(session, name)
    except MissingError:
        return False
    except QueryFailedError:
        return False
    return True


def _find_location(session: Session, options: Options) -> str:
    given = options.text("external_location", "location")
    if not given and not session.output:
        raise QueryFailedError("INVALID_TABLE_PROPERTY: no location is given for the table")
    return (given or f"{session.output.rstrip('/')}/tables/{session.query_id}").rstrip("/") + "/"


def _build_layout(options: Options, rows: Rows) -> Layout:
    """Partition columns must come last, in their order."""
    keys = [one.lower() for one in options.texts("partitioned_by")]
    names = [name for name, _ in rows.columns]
    if keys and names[-len(keys) :] != keys:
        text = "Partition keys must be the last columns in the table and in the same order as the table properties"
        raise QueryFailedError(f"HIVE_COLUMN_ORDER_MISMATCH: {text}: {keys}")
    if len(keys) == len(names):
        raise QueryFailedError("INVALID_TABLE_PROPERTY: Table contains only partition columns")
    kind = options.text("format", usual="PARQUET").upper()
    if kind not in table_files.FORMATS:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Unable to set table property 'format' to ['{kind}']")
    return Layout(
        kind,
        rows.columns[: len(names) - len(keys)],
        rows.columns[len(names) - len(keys) :],
        options.text("write_compression", "parquet_compression", "orc_compression"),
        options.text("field_delimiter", usual="\x01"),
    )


def _table_input(name: TableName, options: Options, layout: Layout, location: str) -> dict[str, Any]:
    described = table_files.build_storage(layout.kind) | {
        "Columns": [{"Name": column, "Type": kind} for column, kind in layout.columns],
        "Location": location.rstrip("/"),
    }
    if layout.kind == "TEXTFILE":
        described["SerdeInfo"]["Parameters"] = {
            "field.delim": layout.delimiter,
            "serialization.format": layout.delimiter,
        }
    if "bucketed_by" in options.given:
        described["BucketColumns"] = options.texts("bucketed_by")
        described["NumberOfBuckets"] = int(options.text("bucket_count", usual="0"))
    return {
        "Name": name.table,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": described,
        "PartitionKeys": [{"Name": column, "Type": kind} for column, kind in layout.keys],
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"}
        | ({f"{layout.kind.lower()}.compression": layout.compression.upper()} if layout.compression else {}),
    }


def insert_rows(session: Session, statement: Statement) -> Outcome:
    tree = statement.tree
    if not isinstance(tree, exp.Insert) or tree.expression is None:
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: no rows are given")
    name = read_table_name(session, tree.this)
    table = _table(session, name)
    described = table["StorageDescriptor"]
    place = table_files.writer(session, name, described.get("Location", ""), "INSERT")
    with open_stored_rows(session, tree.expression.sql(dialect=DIALECT)) as rows:
        given = _columns(tree.this, table)
        _check_types(given, rows)
        by_place = {column: rows.columns[index][0] for index, (column, _) in enumerate(given)}
        if iceberg_tables.is_iceberg(table):
            written = iceberg_tables.append_rows(session, (name, table), rows, place, by_place)
        else:
            layout = _find_layout(table, by_place)
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
    """The columns that the statement names, else all, partition keys last."""
    kinds = {column["Name"]: column.get("Type", "string") for column in list_columns(table)}
    if not isinstance(target, exp.Schema):
        return tuple(kinds.items())
    names = [expression.name.lower() for expression in target.expressions]
    unknown = next((name for name in names if name not in kinds), None)
    if unknown is not None:
        raise QueryFailedError(
            f"COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {unknown}"
        )
    return tuple((name, kinds[name]) for name in names)


def _check_types(given: Columns, rows: Rows) -> None:
    found = [kind for _, kind in rows.columns]
    fits = len(given) == len(found) and all(
        _family(wanted) == _family(kind) for (_, wanted), kind in zip(given, found, strict=True)
    )
    if not fits:
        table = ", ".join(to_trino_type(kind) for _, kind in given)
        query = ", ".join(to_trino_type(kind) for kind in found)
        text = f"Insert query has mismatched column types: Table: [{table}], Query: [{query}]"
        raise QueryFailedError(f"TYPE_MISMATCH: line 1:1: {text}")


def _family(kind: str) -> str:
    """Types that Trino turns into each other by itself have one."""
    name = kind.partition("(")[0].partition("<")[0]
    return next((min(family) for family in _FAMILIES if name in family), name)


def _find_layout(table: dict[str, Any], by_place: dict[str, str]) -> Layout:
    serde = table["StorageDescriptor"].get("SerdeInfo", {})
    keys = tuple(
        (partition_key["Name"], partition_key.get("Type", "string"))
        for partition_key in table.get("PartitionKeys", [])
    )
    missing = [name for name, _ in keys if name not in by_place]
    if missing:
        raise QueryFailedError(f"NOT_SUPPORTED: line 1:1: the partition key {missing[0]} needs a value")
    columns = tuple(
        (data_column["Name"], data_column.get("Type", "string")) for data_column in list_data_columns(table)
    )
    kind = table_files.find_format(serde.get("SerializationLibrary", ""))
    delimiter = serde.get("Parameters", {}).get("field.delim", "\x01")
    return Layout(kind, columns, keys, "", delimiter, by_place)


def unload_rows(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("UNLOAD")
    sql = reader.parenthesised()
    location = reader.expect("TO").text()
    options, keys = _options(reader.expect("WITH"))
    reader.end()
    place = table_files.own(session, location)
    with open_query_rows(session, sql) as rows:
        place.require_write()
        if place.listing():
            raise QueryFailedError(f"HIVE_PATH_ALREADY_EXISTS: Target directory already exists: {location}")
        layout = _layout(options, keys, rows)
        written = tuple(
            place.put(f"{place.prefix}{file.folder}{file.name}", file.content)
            for file in table_files.write_files(rows, layout, session.query_id)
        )
        return Outcome(update_count=rows.count, scanned=rows.scanned, written=written)


def _options(reader: StatementReader) -> tuple[dict[str, str], list[str]]:
    """The texts, and the columns of `partitioned_by`."""
    found: dict[str, str] = {}
    keys: list[str] = []
    reader.expect("(")
    while not reader.accept(")"):
        name = reader.name()
        reader.expect("=")
        if reader.accept("ARRAY", "["):
            while not reader.accept("]"):
                keys.append(reader.text().lower())
                reader.accept(",")
        else:
            found[name] = reader.value()
        reader.accept(",")
    return found, keys


def _layout(options: dict[str, str], keys: list[str], rows: Rows) -> Layout:
    kind = options.get("format", "").upper()
    if kind not in _FORMATS:
        raise QueryFailedError(
            f"INVALID_FUNCTION_ARGUMENT: UNLOAD needs a format, one of {', '.join(_FORMATS)}"
        )
    columns = tuple(column for column in rows.columns if column[0] not in keys)
    kinds = dict(rows.columns)
    unknown = next((key for key in keys if key not in kinds), None)
    if unknown is not None:
        raise QueryFailedError(
            f"COLUMN_NOT_FOUND: line 1:1: Partition column '{unknown}' is not in the query"
        )
    named = tuple((key, kinds[key]) for key in keys)
    delimiter = options.get("field_delimiter", "\x01")
    return Layout(kind, columns, named, options.get("compression", ""), delimiter)
