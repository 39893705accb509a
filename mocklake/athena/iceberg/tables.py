"""Iceberg tables in the catalog: made, written, and changed as a whole.

Sources: Athena User Guide, querying-iceberg; Iceberg's GlueCatalog (metadata_location, previous_metadata_location).
Every change is a new metadata file, which UpdateTable makes the present one: it needs ALTER as Glue does (assumed).
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlglot import exp

from mocklake.athena import catalog_calls, table_files
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import metadata, schemas
from mocklake.athena.iceberg import metadata as table_metadata
from mocklake.athena.iceberg.manifests import DataFile
from mocklake.athena.iceberg.metadata import Change, Metadata
from mocklake.athena.iceberg.schemas import Transform
from mocklake.athena.objects import Storage
from mocklake.athena.session import Session
from mocklake.athena.sources import to_duckdb_type
from mocklake.athena.sql_text import TableName, quote_name, write_literal
from mocklake.athena.statement_reader import list_properties, read_columns, read_key_values
from mocklake.athena.table_files import Rows

Table = dict[str, Any]
Named = tuple[TableName, Table]
USUAL = {
    "write.format.default": "parquet",
    "write.parquet.compression-codec": "zstd",
    "write.object-storage.enabled": "true",
}
_NOT_KEPT = {"table_type", "format", "write_compression", "EXTERNAL"}
Part = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Objects:
    """What DROP TABLE deletes."""

    storage: Storage | None = None

    def delete(self) -> None:
        if self.storage is not None:
            self.storage.delete(self.storage.listing())


def is_iceberg(table: Mapping[str, Any]) -> bool:
    return str(table.get("Parameters", {}).get("table_type", "")).upper() == "ICEBERG"


def create_table(session: Session, name: TableName, tree: exp.Create) -> None:
    location = next((one.name for one in list_properties(tree) if isinstance(one, exp.LocationProperty)), "")
    columns = read_columns(tree.this)
    schema = schemas.build_schema([(column["Name"], column["Type"]) for column in columns])
    comments = {column["Name"]: column["Comment"] for column in columns if "Comment" in column}
    for field in schema["fields"]:
        if field["name"] in comments:
            field["doc"] = comments[field["name"]]
    place = table_files.creator(session, name, location)
    place.require_write()
    given = {key: value for key, value in read_key_values(tree).items() if key not in _NOT_KEPT}
    made = metadata.new(place.location, schema, _partitioning(tree), USUAL | given, session.world.now())
    _register(session, name, made, place)


def create_table_from(
    session: Session,
    name: TableName,
    rows: Rows,
    place: Storage,
    partitioning: Sequence[str],
    *,
    with_data: bool,
) -> tuple[str, ...]:
    """A table with the rows of a query; the places of the data files."""
    schema = schemas.build_schema(rows.columns)
    made = metadata.new(
        place.location,
        schema,
        [schemas.read_transform(one) for one in partitioning],
        USUAL,
        session.world.now(),
    )
    files = write_data_files(rows, made, place, {}) if with_data else []
    if with_data:
        made = metadata.with_snapshot(place, made, Change((), files, "append"), session.world.now())
    _register(session, name, made, place)
    return tuple(file.path for file in files)


def append_rows(
    session: Session, named: Named, rows: Rows, place: Storage, by_place: Mapping[str, str]
) -> tuple[str, ...]:
    name, table = named
    table_files.writer(session, name, place.location, "ALTER")
    present = load_metadata(place, table)
    files = write_data_files(rows, present, place, by_place)
    kept = metadata.manifests_of(place, metadata.current_snapshot(present))
    change = Change(kept, files, "append")
    commit_metadata(
        session, name, table, place, metadata.with_snapshot(place, present, change, session.world.now())
    )
    return tuple(file.path for file in files)


def load_metadata(place: Storage, table: Mapping[str, Any]) -> Metadata:
    location = table.get("Parameters", {}).get("metadata_location", "")
    if not location:
        raise QueryFailedError("ICEBERG_INVALID_METADATA: the table has no metadata_location")
    return metadata.read(place, location)


def commit_metadata(
    session: Session, name: TableName, table: Table, place: Storage, changed: Metadata
) -> None:
    before = table["Parameters"]["metadata_location"]
    entry = {"timestamp-ms": changed["last-updated-ms"], "metadata-file": before}
    changed = changed | {"metadata-log": [*changed.get("metadata-log", []), entry]}
    after = metadata.write(place, changed, before)
    body = catalog_calls.table_input(table)
    named = {"metadata_location": after, "previous_metadata_location": before}
    body["Parameters"] = body["Parameters"] | named
    body["StorageDescriptor"] = body["StorageDescriptor"] | {
        "Columns": schemas.build_glue_columns(metadata.schema_of(changed))
    }
    catalog_calls.update_table(session, name, body)


def change_columns(
    session: Session, name: TableName, table: Table, columns: Sequence[Table], renamed: Mapping[str, str]
) -> None:
    """Columns keep their ids by name, or by the name that they had."""
    place = table_files.writer(session, name, table["StorageDescriptor"]["Location"], "ALTER")
    present = load_metadata(place, table)
    old = {one["name"]: one for one in metadata.schema_of(present)["fields"]}
    fields, last = [], present["last-column-id"]
    for column in columns:
        field = schemas.build_schema([(column["Name"], column["Type"])], last)["fields"][0]
        known = old.get(renamed.get(column["Name"], column["Name"]))
        if known is None:
            last = schemas.find_last_id({"fields": [field]})
        else:
            field = known | {
                "name": column["Name"],
                "type": field["type"] if isinstance(field["type"], str) else known["type"],
            }
        fields.append(field | ({"doc": column["Comment"]} if "Comment" in column else {}))
    number = max(one.get("schema-id", 0) for one in present["schemas"]) + 1
    schema = {"type": "struct", "schema-id": number, "fields": fields}
    listed = {"schemas": [*present["schemas"], schema], "current-schema-id": number, "last-column-id": last}
    commit_metadata(session, name, table, place, present | listed)


def change_properties(
    session: Session, name: TableName, table: Table, given: Mapping[str, str], gone: Sequence[str]
) -> None:
    place = table_files.writer(session, name, table["StorageDescriptor"]["Location"], "ALTER")
    present = load_metadata(place, table)
    kept = {key: value for key, value in present["properties"].items() if key not in gone}
    commit_metadata(session, name, table, place, present | {"properties": kept | dict(given)})


def open_objects(session: Session, name: TableName, table: Mapping[str, Any]) -> Objects:
    """Returns no objects for a table that is no Iceberg table; DROP needs to be allowed to delete before it does anything."""
    location = table.get("StorageDescriptor", {}).get("Location", "")
    if not is_iceberg(table) or not location:
        return Objects()
    place = table_files.writer(session, name, location, "DROP")
    for key in place.listing():
        place.require("s3:DeleteObject", key)
    return Objects(place)


def _partitioning(tree: exp.Create) -> list[Transform]:
    listed: list[exp.Expr] = next(
        (one.this.expressions for one in list_properties(tree) if isinstance(one, exp.PartitionedByProperty)),
        [],
    )
    return [schemas.read_transform(_transform_text(expr)) for expr in listed]


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
            "Columns": schemas.build_glue_columns(metadata.schema_of(made)),
            "Location": made["location"],
        },
    }
    catalog_calls.call(
        session, "CreateTable", catalog=name.catalog, DatabaseName=name.database, TableInput=body
    )


def write_data_files(
    rows: Rows, metadata: Metadata, place: Storage, by_place: Mapping[str, str]
) -> list[DataFile]:
    """`by_place` names the column of the rows for each of the table, all alike if empty."""
    if not rows.count:
        return []
    schema, spec = table_metadata.schema_of(metadata), table_metadata.spec_of(metadata)
    sources = by_place or {name: name for name, _ in rows.columns}
    names = {field["id"]: field["name"] for field in schema["fields"]}
    keys = [
        (field["name"], field["transform"], sources.get(names[field["source-id"]]))
        for field in spec["fields"]
    ]
    _number_parts(rows, keys)
    found = []
    for number, part in enumerate(_parts(rows, keys)):
        content, records = _parquet(rows, schema, sources, number)
        folder = "".join(f"{name}={value}/" for name, value in part)
        path = place.put(f"{place.prefix}data/{folder}{uuid4()}.parquet", content)
        found.append(DataFile(path, records, len(content), dict(part), spec_id=spec["spec-id"]))
    return found


def _parts(rows: Rows, keys: list[tuple[str, str, str | None]]) -> list[Part]:
    sources = [source for _, _, source in keys if source]
    return list(dict.fromkeys(_part(values, keys) for values in rows.parts(sources)))


def _part(values: tuple[Any, ...], keys: list[tuple[str, str, str | None]]) -> Part:
    given = iter(values)
    return tuple(
        (name, schemas.apply_transform(how, next(given) if source else None)) for name, how, source in keys
    )


def _number_parts(rows: Rows, keys: list[tuple[str, str, str | None]]) -> None:
    """`numbered` gives each row the number of its partition."""
    sources = [source for _, _, source in keys if source]
    rows.connection.execute("DROP TABLE IF EXISTS numbered")
    if not sources:
        rows.connection.execute(f'CREATE TEMP TABLE numbered AS SELECT *, 0 AS "$part" FROM {rows.relation}')  # noqa: S608
        return
    numbers = {part: number for number, part in enumerate(_parts(rows, keys))}
    listed = ", ".join(quote_name(source) for source in sources)
    sql = (
        f'CREATE OR REPLACE TEMP TABLE part_of AS SELECT DISTINCT {listed}, 0 AS "$part" FROM {rows.relation}'  # noqa: S608
    )
    rows.connection.execute(sql)
    where = " AND ".join(f"{quote_name(source)} IS NOT DISTINCT FROM ?" for source in sources)
    for values in rows.parts(sources):
        update = f'UPDATE part_of SET "$part" = ? WHERE {where}'  # noqa: S608
        rows.connection.execute(update, [numbers[_part(values, keys)], *values])
    joined = " AND ".join(
        f"a.{quote_name(source)} IS NOT DISTINCT FROM b.{quote_name(source)}" for source in sources
    )
    sql = f'CREATE TEMP TABLE numbered AS SELECT a.*, b."$part" FROM {rows.relation} a JOIN part_of b ON {joined}'  # noqa: S608
    rows.connection.execute(sql)


def _parquet(rows: Rows, schema: dict[str, Any], sources: Mapping[str, str], part: int) -> tuple[bytes, int]:
    columns = ", ".join(_cast(field, sources) for field in schema["fields"])
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        path = Path(folder) / "part"
        sql = f'SELECT {columns} FROM numbered WHERE "$part" = {part}'  # noqa: S608
        options = f"FORMAT parquet, COMPRESSION zstd, FIELD_IDS {schemas.write_field_ids(schema)}"
        done = rows.connection.execute(f"COPY ({sql}) TO {write_literal(str(path))} ({options})").fetchone()
        return path.read_bytes(), int(done[0])


def _cast(field: dict[str, Any], sources: Mapping[str, str]) -> str:
    kind = to_duckdb_type(schemas.hive_type(field["type"]))
    name = sources.get(field["name"])
    return f"CAST({quote_name(name) if name else 'NULL'} AS {kind}) AS {quote_name(field['name'])}"
