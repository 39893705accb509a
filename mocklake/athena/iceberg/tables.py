"""Iceberg tables in the catalog: made, written, and changed as a whole.

Sources: Athena User Guide, querying-iceberg; Iceberg's GlueCatalog (metadata_location, previous_metadata_location).
Every change is a new metadata file, which UpdateTable makes the present one: it needs ALTER as Glue does (assumed).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from mocklake.athena import catalog_calls
from mocklake.athena.catalog_statements.column_types import columns_of
from mocklake.athena.catalog_statements.tree_values import key_values, properties_of
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import data_files, metadata, schemas, transforms
from mocklake.athena.iceberg.metadata import Change, Metadata
from mocklake.athena.iceberg.transforms import Transform
from mocklake.athena.names import TableName
from mocklake.athena.s3_storage import Storage
from mocklake.athena.session import Session
from mocklake.athena.write_statements import storage
from mocklake.athena.write_statements.query_rows import Rows

Table = dict[str, Any]
Named = tuple[TableName, Table]
USUAL = {
    "write.format.default": "parquet",
    "write.parquet.compression-codec": "zstd",
    "write.object-storage.enabled": "true",
}
_NOT_KEPT = {"table_type", "format", "write_compression", "EXTERNAL"}


@dataclass(frozen=True)
class Objects:
    """What DROP TABLE deletes."""

    storage: Storage | None = None

    def delete(self) -> None:
        if self.storage is not None:
            self.storage.delete(self.storage.listing())


def is_iceberg(table: Mapping[str, Any]) -> bool:
    return str(table.get("Parameters", {}).get("table_type", "")).upper() == "ICEBERG"


def create(session: Session, name: TableName, tree: exp.Create) -> None:
    location = next((one.name for one in properties_of(tree) if isinstance(one, exp.LocationProperty)), "")
    columns = columns_of(tree.this)
    schema = schemas.schema_of([(one["Name"], one["Type"]) for one in columns])
    comments = {one["Name"]: one["Comment"] for one in columns if "Comment" in one}
    for one in schema["fields"]:
        if one["name"] in comments:
            one["doc"] = comments[one["name"]]
    place = storage.creator(session, name, location)
    place.require_write()
    given = {key: value for key, value in key_values(tree).items() if key not in _NOT_KEPT}
    made = metadata.new(place.location, schema, _partitioning(tree), USUAL | given, session.world.now())
    _register(session, name, made, place)


def create_from(
    session: Session,
    name: TableName,
    rows: Rows,
    place: Storage,
    partitioning: Sequence[str],
    *,
    with_data: bool,
) -> tuple[str, ...]:
    """A table with the rows of a query; the places of the data files."""
    schema = schemas.schema_of(rows.columns)
    made = metadata.new(
        place.location, schema, [transforms.read(one) for one in partitioning], USUAL, session.world.now()
    )
    files = data_files.write(rows, made, place, {}) if with_data else []
    if with_data:
        made = metadata.with_snapshot(place, made, Change((), files, "append"), session.world.now())
    _register(session, name, made, place)
    return tuple(one.path for one in files)


def append(
    session: Session, named: Named, rows: Rows, place: Storage, by_place: Mapping[str, str]
) -> tuple[str, ...]:
    name, table = named
    storage.writer(session, name, place.location, "ALTER")
    present = load(place, table)
    files = data_files.write(rows, present, place, by_place)
    kept = metadata.manifests_of(place, metadata.current_snapshot(present))
    change = Change(kept, files, "append")
    commit(session, name, table, place, metadata.with_snapshot(place, present, change, session.world.now()))
    return tuple(one.path for one in files)


def load(place: Storage, table: Mapping[str, Any]) -> Metadata:
    location = table.get("Parameters", {}).get("metadata_location", "")
    if not location:
        raise QueryFailedError("ICEBERG_INVALID_METADATA: the table has no metadata_location")
    return metadata.read(place, location)


def commit(session: Session, name: TableName, table: Table, place: Storage, changed: Metadata) -> None:
    before = table["Parameters"]["metadata_location"]
    entry = {"timestamp-ms": changed["last-updated-ms"], "metadata-file": before}
    changed = changed | {"metadata-log": [*changed.get("metadata-log", []), entry]}
    after = metadata.write(place, changed, before)
    body = catalog_calls.table_input(table)
    named = {"metadata_location": after, "previous_metadata_location": before}
    body["Parameters"] = body["Parameters"] | named
    body["StorageDescriptor"] = body["StorageDescriptor"] | {
        "Columns": schemas.glue_columns(metadata.schema_of(changed))
    }
    catalog_calls.update_table(session, name, body)


def change_columns(
    session: Session, name: TableName, table: Table, columns: Sequence[Table], renamed: Mapping[str, str]
) -> None:
    """Columns keep their ids by name, or by the name that they had."""
    place = storage.writer(session, name, table["StorageDescriptor"]["Location"], "ALTER")
    present = load(place, table)
    old = {one["name"]: one for one in metadata.schema_of(present)["fields"]}
    fields, last = [], present["last-column-id"]
    for column in columns:
        field = schemas.schema_of([(column["Name"], column["Type"])], last)["fields"][0]
        known = old.get(renamed.get(column["Name"], column["Name"]))
        if known is None:
            last = schemas.last_id({"fields": [field]})
        else:
            field = known | {
                "name": column["Name"],
                "type": field["type"] if isinstance(field["type"], str) else known["type"],
            }
        fields.append(field | ({"doc": column["Comment"]} if "Comment" in column else {}))
    number = max(one.get("schema-id", 0) for one in present["schemas"]) + 1
    schema = {"type": "struct", "schema-id": number, "fields": fields}
    listed = {"schemas": [*present["schemas"], schema], "current-schema-id": number, "last-column-id": last}
    commit(session, name, table, place, present | listed)


def change_properties(
    session: Session, name: TableName, table: Table, given: Mapping[str, str], gone: Sequence[str]
) -> None:
    place = storage.writer(session, name, table["StorageDescriptor"]["Location"], "ALTER")
    present = load(place, table)
    kept = {key: value for key, value in present["properties"].items() if key not in gone}
    commit(session, name, table, place, present | {"properties": kept | dict(given)})


def objects_of(session: Session, name: TableName, table: Mapping[str, Any]) -> Objects:
    """Of a table that is no Iceberg table none; DROP needs to be allowed to delete before it does anything."""
    location = table.get("StorageDescriptor", {}).get("Location", "")
    if not is_iceberg(table) or not location:
        return Objects()
    place = storage.writer(session, name, location, "DROP")
    for key in place.listing():
        place.require("s3:DeleteObject", key)
    return Objects(place)


def _partitioning(tree: exp.Create) -> list[Transform]:
    listed: list[exp.Expr] = next(
        (one.this.expressions for one in properties_of(tree) if isinstance(one, exp.PartitionedByProperty)),
        [],
    )
    return [transforms.read(_transform_text(one)) for one in listed]


def _transform_text(one: exp.Expr) -> str:
    match one:
        case exp.PartitionedByBucket():
            return f"bucket({one.expression.name}, {one.this.name})"
        case exp.PartitionByTruncate():
            return f"truncate({one.expression.name}, {one.this.name})"
        case exp.Identifier() | exp.Column():
            return one.name
        case exp.Day() | exp.Month() | exp.Year() | exp.Hour():
            column = one.find(exp.Column)
            return f"{type(one).__name__.lower()}({column.name if column else ''})"
        case exp.Anonymous():
            return f"{one.name}({', '.join(part.name for part in one.expressions)})"
    raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Invalid partition field declaration: {one.sql()}")


def _register(session: Session, name: TableName, made: Metadata, place: Storage) -> None:
    after = metadata.write(place, made)
    body = {
        "Name": name.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"table_type": "ICEBERG", "metadata_location": after},
        "StorageDescriptor": {
            "Columns": schemas.glue_columns(metadata.schema_of(made)),
            "Location": made["location"],
        },
    }
    catalog_calls.call(
        session, "CreateTable", catalog=name.catalog, DatabaseName=name.database, TableInput=body
    )
