"""CREATE TABLE AS: a table of Hive's or Iceberg's with the rows of a query.

Source: Athena User Guide, create-table-as, ctas-considerations-limitations.
"""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls, table_formats
from mocklake.athena.catalog_calls import ExistsError, MissingError
from mocklake.athena.catalog_statements.tree_values import plain_value, properties_of, table_name
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.names import TableName
from mocklake.athena.parsing import DIALECT, Statement
from mocklake.athena.s3_storage import Storage
from mocklake.athena.session import Outcome, Session
from mocklake.athena.write_statements import data_files, storage
from mocklake.athena.write_statements.data_files import Layout
from mocklake.athena.write_statements.query_rows import Rows, query_rows

_KNOWN = {
    "format", "external_location", "location", "partitioned_by", "partitioning", "bucketed_by", "bucket_count",
    "write_compression", "parquet_compression", "orc_compression", "compression_level", "field_delimiter",
    "table_type", "is_external", "vacuum_max_snapshots_to_keep", "vacuum_min_snapshots_to_keep",
    "vacuum_max_snapshot_age_seconds", "vacuum_max_metadata_files_to_keep", "optimize_rewrite_min_data_file_size_bytes",
    "optimize_rewrite_max_data_file_size_bytes", "optimize_rewrite_data_file_threshold",
    "optimize_rewrite_delete_file_threshold",
}  # fmt: skip


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


def create(session: Session, statement: Statement) -> Outcome:
    """Nothing is written before all that the statement needs is allowed."""
    tree = statement.tree
    if not isinstance(tree, exp.Create):
        raise QueryFailedError("SYNTAX_ERROR: line 1:1: no query is given")
    name, options = table_name(session, tree.this), _options(tree)
    if _is_there(session, name):
        if tree.args.get("exists"):
            return Outcome()
        text = f"Table '{name.catalog}.{name.database}.{name.table}' already exists"
        raise QueryFailedError(f"TABLE_ALREADY_EXISTS: line 1:1: {text}")
    location = _location(session, options)
    place = storage.creator(session, name, location)
    with query_rows(session, tree.expression.sql(dialect=DIALECT)) as rows:
        place.require_write()
        if place.listing():
            text = f"Target directory for table '{name.database}.{name.table}' already exists: {location}"
            raise QueryFailedError(f"HIVE_PATH_ALREADY_EXISTS: {text}")
        return _made(session, name, options, rows, place)


def _made(session: Session, name: TableName, options: Options, rows: Rows, place: Storage) -> Outcome:
    if options.text("table_type").upper() == "ICEBERG":
        partitioning = options.texts("partitioning")
        written = iceberg_tables.create_from(
            session, name, rows, place, partitioning, with_data=options.with_data
        )
        return Outcome(
            update_count=rows.count if options.with_data else 0, scanned=rows.scanned, written=written
        )
    layout = _layout(options, rows)
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
    for file in data_files.written(rows, layout, session.query_id):
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


def _options(tree: exp.Create) -> Options:
    given: dict[str, str | list[str]] = {}
    with_data = True
    for one in properties_of(tree):
        match one:
            case exp.WithDataProperty():
                with_data = not one.args.get("no")
            case exp.FileFormatProperty():
                given["format"] = plain_value(one.this)
            case exp.PartitionedByProperty():
                given["partitioned_by"] = plain_value(one.this)
            case exp.LocationProperty():
                given["location"] = one.name
            case exp.Property():
                given[one.name.lower()] = plain_value(one.args.get("value"))
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


def _location(session: Session, options: Options) -> str:
    given = options.text("external_location", "location")
    if not given and not session.output:
        raise QueryFailedError("INVALID_TABLE_PROPERTY: no location is given for the table")
    return (given or f"{session.output.rstrip('/')}/tables/{session.query_id}").rstrip("/") + "/"


def _layout(options: Options, rows: Rows) -> Layout:
    """Partition columns must come last, in their order."""
    keys = [one.lower() for one in options.texts("partitioned_by")]
    names = [name for name, _ in rows.columns]
    if keys and names[-len(keys) :] != keys:
        text = "Partition keys must be the last columns in the table and in the same order as the table properties"
        raise QueryFailedError(f"HIVE_COLUMN_ORDER_MISMATCH: {text}: {keys}")
    if len(keys) == len(names):
        raise QueryFailedError("INVALID_TABLE_PROPERTY: Table contains only partition columns")
    kind = options.text("format", usual="PARQUET").upper()
    if kind not in table_formats.FORMATS:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Unable to set table property 'format' to ['{kind}']")
    return Layout(
        kind,
        rows.columns[: len(names) - len(keys)],
        rows.columns[len(names) - len(keys) :],
        options.text("write_compression", "parquet_compression", "orc_compression"),
        options.text("field_delimiter", usual="\x01"),
    )


def _table_input(name: TableName, options: Options, layout: Layout, location: str) -> dict[str, Any]:
    described = table_formats.storage(layout.kind) | {
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
