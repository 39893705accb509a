"""Manifest lists and manifests of format version 2: read and written.

Source: Iceberg table specification, "Manifests" and "Manifest Lists" (field ids).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mocklake.athena.iceberg import avro, transforms

ADDED, DELETED = 1, 2
_AVRO = {
    "int": "int", "long": "long", "float": "float", "double": "double", "boolean": "boolean", "string": "string",
    "binary": "bytes", "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": False},
    "timestamptz": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": True},
}  # fmt: skip


@dataclass(frozen=True)
class DataFile:
    """`content` is 0 for data, 1 for positions that are deleted, 2 for values that are."""

    path: str
    records: int
    size: int
    partition: Mapping[str, Any] = field(default_factory=dict)
    content: int = 0
    format: str = "PARQUET"
    spec_id: int = 0


@dataclass(frozen=True)
class Manifest:
    """`row` is the manifest's record in the manifest list."""

    row: Mapping[str, Any]

    @property
    def path(self) -> str:
        return str(self.row["manifest_path"])


def read_list(content: bytes) -> list[Manifest]:
    return [Manifest(one) for one in avro.read(content)[1]]


def read_files(content: bytes, spec_id: int = 0) -> list[DataFile]:
    """Those that are in the snapshot: the entries that are not deleted."""
    entries = [one for one in avro.read(content)[1] if one["status"] != DELETED]
    return [
        DataFile(
            one["file_path"],
            one["record_count"],
            one["file_size_in_bytes"],
            one.get("partition") or {},
            one.get("content") or 0,
            one["file_format"],
            spec_id,
        )
        for one in (entry["data_file"] for entry in entries)
    ]


def write_manifest(
    files: Sequence[DataFile],
    *,
    schema: Mapping[str, Any],
    spec: Mapping[str, Any],
    snapshot: int,
    sequence: int,
) -> bytes:
    partition = _partition_fields(schema, spec)
    records = [
        {
            "status": ADDED,
            "snapshot_id": snapshot,
            "sequence_number": sequence,
            "file_sequence_number": sequence,
            "data_file": {
                "content": 0,
                "file_path": one.path,
                "file_format": one.format,
                "partition": {
                    name: _stored(one.partition.get(name)) for name in (f["name"] for f in partition)
                },
                "record_count": one.records,
                "file_size_in_bytes": one.size,
            },
        }
        for one in files
    ]
    metadata = {
        "schema": json.dumps(schema),
        "schema-id": str(schema.get("schema-id", 0)),
        "partition-spec": json.dumps(spec["fields"]),
        "partition-spec-id": str(spec["spec-id"]),
        "format-version": "2",
        "content": "data",
    }
    return avro.write(_entry_schema(partition), records, metadata)


def list_row(
    path: str, size: int, files: Sequence[DataFile], *, spec_id: int, snapshot: int, sequence: int
) -> Manifest:
    """A new manifest's record, all of whose files are added."""
    return Manifest(
        {
            "manifest_path": path,
            "manifest_length": size,
            "partition_spec_id": spec_id,
            "content": 0,
            "sequence_number": sequence,
            "min_sequence_number": sequence,
            "added_snapshot_id": snapshot,
            "added_files_count": len(files),
            "existing_files_count": 0,
            "deleted_files_count": 0,
            "added_rows_count": sum(one.records for one in files),
            "existing_rows_count": 0,
            "deleted_rows_count": 0,
        }
    )


def write_list(found: Sequence[Manifest], *, snapshot: int, parent: int | None, sequence: int) -> bytes:
    metadata = {
        "snapshot-id": str(snapshot),
        "parent-snapshot-id": "null" if parent is None else str(parent),
        "sequence-number": str(sequence),
        "format-version": "2",
    }
    records = [{name: _number(one.row, name) for name, _, _ in _LIST_FIELDS} for one in found]
    return avro.write(_LIST_SCHEMA, records, metadata)


def _number(row: Mapping[str, Any], name: str) -> Any:
    """Format version 1 has other names of the counts, and leaves out what is zero."""
    older = {"added_files_count": "added_data_files_count", "existing_files_count": "existing_data_files_count",
             "deleted_files_count": "deleted_data_files_count"}.get(name, name)  # fmt: skip
    return row.get(name, row.get(older)) or 0


def _partition_fields(schema: Mapping[str, Any], spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds = {one["id"]: one["type"] for one in schema["fields"]}
    return [
        {
            "name": one["name"],
            "type": [
                "null",
                _avro_type(transforms.result_type(one["transform"], kinds.get(one["source-id"], "string"))),
            ],
            "default": None,
            "field-id": one["field-id"],
        }
        for one in spec["fields"]
    ]


def _avro_type(kind: Any) -> Any:
    if str(kind).startswith("decimal"):
        precision, scale = (int(one) for one in str(kind)[8:-1].split(","))
        size = (int("9" * precision).bit_length() + 8) // 8
        return {"type": "fixed", "name": f"decimal_{precision}_{scale}", "size": size, "logicalType": "decimal",
                "precision": precision, "scale": scale}  # fmt: skip
    return _AVRO[kind]


def _stored(value: Any) -> Any:
    match value:
        case datetime():
            return (value - datetime(1970, 1, 1, tzinfo=value.tzinfo)) // datetime.resolution
        case date():
            return (value - transforms.EPOCH).days
        case Decimal():
            unscaled = int(value.scaleb(-int(value.as_tuple().exponent)))
            digits = len(value.as_tuple().digits)
            return unscaled.to_bytes((int("9" * digits).bit_length() + 8) // 8, "big", signed=True)
    return value


def _entry_schema(partition: list[dict[str, Any]]) -> dict[str, Any]:
    optional = [("snapshot_id", 1), ("sequence_number", 3), ("file_sequence_number", 4)]
    inner = [
        ("content", "int", 134), ("file_path", "string", 100), ("file_format", "string", 101),
        ("partition", {"type": "record", "name": "r102", "fields": partition}, 102),
        ("record_count", "long", 103), ("file_size_in_bytes", "long", 104),
    ]  # fmt: skip
    file = {"type": "record", "name": "r2", "fields": [_field(*one) for one in inner]}
    return {
        "type": "record",
        "name": "manifest_entry",
        "fields": [
            _field("status", "int", 0),
            *(
                {"name": name, "type": ["null", "long"], "default": None, "field-id": number}
                for name, number in optional
            ),
            _field("data_file", file, 2),
        ],
    }


def _field(name: str, kind: Any, number: int) -> dict[str, Any]:
    return {"name": name, "type": kind, "field-id": number}


_LIST_FIELDS = (
    ("manifest_path", "string", 500), ("manifest_length", "long", 501), ("partition_spec_id", "int", 502),
    ("content", "int", 517), ("sequence_number", "long", 515), ("min_sequence_number", "long", 516),
    ("added_snapshot_id", "long", 503), ("added_files_count", "int", 504), ("existing_files_count", "int", 505),
    ("deleted_files_count", "int", 506), ("added_rows_count", "long", 512), ("existing_rows_count", "long", 513),
    ("deleted_rows_count", "long", 514),
)  # fmt: skip
_LIST_SCHEMA = {"type": "record", "name": "manifest_file", "fields": [_field(*one) for one in _LIST_FIELDS]}
