"""The files of an Iceberg table that a snapshot has, and no others of its location.

Source: Athena User Guide, querying-iceberg-table-metadata; Trino, Iceberg connector, metadata tables. Columns about
single columns of the data (sizes, bounds) are not there.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import metadata, schemas
from mocklake.athena.iceberg.manifests import DataFile
from mocklake.athena.iceberg.metadata import Metadata
from mocklake.athena.objects import File, Form, Storage
from mocklake.glue.iceberg import hive_type
from mocklake.glue.store import Table

AS_OF_TIME, AS_OF_VERSION = "as_of_time_", "as_of_version_"
ReaderOf = Callable[[str], str]
Columns = tuple[tuple[str, str], ...]
Row = dict[str, Any]


def is_read_by_metadata(table: Table) -> bool:
    """Tables that Glue itself made have no metadata file here."""
    parameters = table.body.get("Parameters", {})
    is_iceberg = str(parameters.get("table_type", "")).upper() == "ICEBERG"
    return is_iceberg and bool(parameters.get("metadata_location")) and not table.iceberg


def list_files(table: Table, reader_of: ReaderOf) -> tuple[File, ...]:
    """Raises QueryFailedError for what may not be read, or is not there."""
    place, found = open_table(table, reader_of)
    return _files(place, found, metadata.current_snapshot(found))


def read_part(table: Table, reader_of: ReaderOf, part: str) -> tuple[Columns | None, tuple[File, ...]]:
    """What is behind `table$part`: the files of a snapshot, or columns of a metadata table with its rows."""
    place, found = open_table(table, reader_of)
    if part.startswith(AS_OF_VERSION):
        version = part.removeprefix(AS_OF_VERSION)
        snapshot = metadata.snapshot_at(found, int(version) if version.isdigit() else version)
        return None, _files(place, found, snapshot)
    if part.startswith(AS_OF_TIME) and part.removeprefix(AS_OF_TIME).isdigit():
        moment = datetime.fromtimestamp(int(part.removeprefix(AS_OF_TIME)) / 1000, UTC)
        return None, _files(place, found, metadata.snapshot_before(found, moment))
    shown = read_metadata_table(part, place, found)
    return shown.columns, (File(shown.content, form=Form("json")),)


def _files(place: Storage, found: Metadata, snapshot: Mapping[str, Any] | None) -> tuple[File, ...]:
    form = Form("parquet", fields=list_fields(metadata.schema_of(found)))
    files = []
    for one in metadata.files_of(place, snapshot):
        if one.content:
            raise QueryFailedError("NOT_SUPPORTED: mocklake reads no delete files of Iceberg tables")
        if one.format.upper() != "PARQUET":
            raise QueryFailedError(f"NOT_SUPPORTED: mocklake reads no {one.format} files of Iceberg tables")
        files.append(File(place.get(one.path), form=form))
    return tuple(files)


def open_table(table: Table, reader_of: ReaderOf) -> tuple[Storage, dict[str, Any]]:
    location = table.location.rstrip("/") + "/"
    place = Storage(location, reader_of(Storage(location, "").arn))
    return place, metadata.read(place, table.body["Parameters"]["metadata_location"])


def list_fields(schema: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    return tuple((field["id"], field["name"]) for field in schema["fields"])


@dataclass(frozen=True)
class MetadataTable:
    columns: Columns
    rows: tuple[Row, ...]

    @property
    def content(self) -> bytes:
        """Lines of JSON."""
        return "".join(json.dumps(row, default=str) + "\n" for row in self.rows).encode()


def read_metadata_table(kind: str, storage: Storage, found: Metadata) -> MetadataTable:
    """Raises QueryFailedError for a kind that there is not."""
    if kind not in _KINDS:
        raise QueryFailedError(f"TABLE_NOT_FOUND: line 1:1: Iceberg has no metadata table ${kind}")
    return _KINDS[kind](storage, found)


def _snapshots(_storage: Storage, found: Metadata) -> MetadataTable:
    columns = (
        ("committed_at", "timestamp"), ("snapshot_id", "bigint"), ("parent_id", "bigint"), ("operation", "string"),
        ("manifest_list", "string"), ("summary", "map<string,string>"),
    )  # fmt: skip
    rows = [
        {
            "committed_at": _moment(snapshot["timestamp-ms"]),
            "snapshot_id": snapshot["snapshot-id"],
            "parent_id": snapshot.get("parent-snapshot-id"),
            "operation": snapshot.get("summary", {}).get("operation"),
            "manifest_list": snapshot.get("manifest-list"),
            "summary": snapshot.get("summary", {}),
        }
        for snapshot in found.get("snapshots", [])
    ]
    return MetadataTable(columns, tuple(rows))


def _history(_storage: Storage, found: Metadata) -> MetadataTable:
    columns = (
        ("made_current_at", "timestamp"), ("snapshot_id", "bigint"), ("parent_id", "bigint"),
        ("is_current_ancestor", "boolean"),
    )  # fmt: skip
    parents = {
        snapshot["snapshot-id"]: snapshot.get("parent-snapshot-id") for snapshot in found.get("snapshots", [])
    }
    ancestors, number = set(), found.get("current-snapshot-id")
    while number in parents:
        ancestors.add(number)
        number = parents[number]
    rows = [
        {
            "made_current_at": _moment(one["timestamp-ms"]),
            "snapshot_id": one["snapshot-id"],
            "parent_id": parents.get(one["snapshot-id"]),
            "is_current_ancestor": one["snapshot-id"] in ancestors,
        }
        for one in found.get("snapshot-log", [])
    ]
    return MetadataTable(columns, tuple(rows))


def _list_file_rows(storage: Storage, found: Metadata) -> MetadataTable:
    columns = (
        ("content", "int"), ("file_path", "string"), ("file_format", "string"), ("record_count", "bigint"),
        ("file_size_in_bytes", "bigint"),
    )  # fmt: skip
    rows = [
        {
            "content": one.content,
            "file_path": one.path,
            "file_format": one.format,
            "record_count": one.records,
            "file_size_in_bytes": one.size,
        }
        for one in metadata.files_of(storage, metadata.current_snapshot(found))
    ]
    return MetadataTable(columns, tuple(rows))


def _manifests(storage: Storage, found: Metadata) -> MetadataTable:
    counts = {
        f"{kind}_{what}_count": ("int" if what == "data_files" else "bigint", f"{kind}_{of}_count")
        for kind in ("added", "existing", "deleted")
        for what, of in (("data_files", "files"), ("rows", "rows"))
    }
    columns = (
        ("path", "string"), ("length", "bigint"), ("partition_spec_id", "int"), ("added_snapshot_id", "bigint"),
        *((name, kind) for name, (kind, _) in counts.items()),
    )  # fmt: skip
    rows = [
        {
            "path": one.path,
            "length": one.row["manifest_length"],
            "partition_spec_id": one.row["partition_spec_id"],
            "added_snapshot_id": one.row["added_snapshot_id"],
            **{name: one.row.get(source) for name, (_, source) in counts.items()},
        }
        for one in metadata.manifests_of(storage, metadata.current_snapshot(found))
    ]
    return MetadataTable(columns, tuple(rows))


def _partitions(storage: Storage, found: Metadata) -> MetadataTable:
    types = _partition_types(found)
    named = (
        ("partition", f"struct<{','.join(f'{name}:{hive_type(kind)}' for name, kind in types.items())}>"),
    )
    counts = (("record_count", "bigint"), ("file_count", "bigint"), ("total_size", "bigint"))
    groups: dict[str, list[DataFile]] = {}
    for one in metadata.files_of(storage, metadata.current_snapshot(found)):
        groups.setdefault(json.dumps(_shown(one.partition, types), default=str), []).append(one)
    rows = [
        ({"partition": json.loads(key)} if types else {})
        | {
            "record_count": sum(file.records for file in files),
            "file_count": len(files),
            "total_size": sum(file.size for file in files),
        }
        for key, files in groups.items()
    ]
    return MetadataTable((*(named if types else ()), *counts), tuple(rows))


def _refs(_storage: Storage, found: Metadata) -> MetadataTable:
    columns = (("name", "string"), ("type", "string"), ("snapshot_id", "bigint"))
    rows = [
        {"name": name, "type": one["type"].upper(), "snapshot_id": one["snapshot-id"]}
        for name, one in found.get("refs", {}).items()
    ]
    return MetadataTable(columns, tuple(rows))


def _partition_types(found: Metadata) -> dict[str, Any]:
    kinds = {field["id"]: field["type"] for field in metadata.schema_of(found)["fields"]}
    return {
        field["name"]: schemas.find_result_type(field["transform"], kinds.get(field["source-id"], "string"))
        for field in metadata.spec_of(found)["fields"]
    }


def _shown(partition: Mapping[str, Any], types: Mapping[str, Any]) -> Row:
    return {name: _value(partition.get(name), kind) for name, kind in types.items()}


def _value(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if kind == "date":
        return schemas.EPOCH + timedelta(days=value)
    if kind in ("timestamp", "timestamptz"):
        return _moment(value / 1000)
    return value


def _moment(milliseconds: float) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


_KINDS: dict[str, Callable[[Storage, Metadata], MetadataTable]] = {
    "snapshots": _snapshots,
    "history": _history,
    "files": _list_file_rows,
    "manifests": _manifests,
    "partitions": _partitions,
    "refs": _refs,
}
