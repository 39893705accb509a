"""The metadata file of a table: read, and made anew by each change.

Source: Iceberg table specification, "Table Metadata Fields" and "Snapshots".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import randbits
from typing import Any
from uuid import uuid4

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import manifests, schemas
from mocklake.athena.iceberg.manifests import DataFile, Manifest
from mocklake.athena.iceberg.schemas import Transform
from mocklake.athena.objects import Storage

Metadata = dict[str, Any]
FIRST_PARTITION_ID = 1000


@dataclass(frozen=True)
class Change:
    """Manifests of the new snapshot, the files that it adds, and what Iceberg calls the operation."""

    kept: Sequence[Manifest]
    added: Sequence[DataFile]
    operation: str
    removed: int = 0


def new(
    location: str,
    schema: dict[str, Any],
    partitioning: Sequence[Transform],
    properties: Mapping[str, str],
    now: datetime,
) -> Metadata:
    fields = _spec_fields(schema, partitioning)
    return {
        "format-version": 2,
        "table-uuid": str(uuid4()),
        "location": location.rstrip("/"),
        "last-sequence-number": 0,
        "last-updated-ms": _milliseconds(now),
        "last-column-id": schemas.find_last_id(schema),
        "current-schema-id": 0,
        "schemas": [schema],
        "default-spec-id": 0,
        "partition-specs": [{"spec-id": 0, "fields": fields}],
        "last-partition-id": FIRST_PARTITION_ID + len(fields) - 1,
        "default-sort-order-id": 0,
        "sort-orders": [{"order-id": 0, "fields": []}],
        "properties": dict(properties),
        "current-snapshot-id": -1,
        "refs": {},
        "snapshots": [],
        "statistics": [],
        "snapshot-log": [],
        "metadata-log": [],
    }


def _spec_fields(schema: dict[str, Any], partitioning: Sequence[Transform]) -> list[dict[str, Any]]:
    ids = {field["name"]: field["id"] for field in schema["fields"]}
    unknown = next((transform.column for transform in partitioning if transform.column not in ids), None)
    if unknown is not None:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Column not found for partitioning: {unknown}")
    return [
        {
            "name": one.field_name,
            "transform": one.name,
            "source-id": ids[one.column],
            "field-id": FIRST_PARTITION_ID + place,
        }
        for place, one in enumerate(partitioning)
    ]


def read(storage: Storage, place: str) -> Metadata:
    try:
        found: Metadata = json.loads(storage.get(place))
    except ValueError as error:
        raise QueryFailedError(f"ICEBERG_INVALID_METADATA: {place}") from error
    return found


def write(storage: Storage, metadata: Metadata, before: str = "") -> str:
    """The new file's place."""
    number = int(before.rsplit("/", 1)[-1].partition("-")[0]) + 1 if _is_numbered(before) else 0
    key = f"{storage.prefix}metadata/{number:05d}-{uuid4()}.metadata.json"
    return storage.put(key, json.dumps(metadata).encode())


def _is_numbered(place: str) -> bool:
    return place.rsplit("/", 1)[-1].partition("-")[0].isdigit()


def schema_of(metadata: Metadata, snapshot: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The present one, or that of a snapshot."""
    number = (snapshot or {}).get("schema-id", metadata.get("current-schema-id", 0))
    listed = metadata.get("schemas") or [metadata["schema"]]
    return next(one for one in listed if one.get("schema-id", 0) == number)


def spec_of(metadata: Metadata) -> dict[str, Any]:
    number = metadata.get("default-spec-id", 0)
    return next(one for one in metadata["partition-specs"] if one["spec-id"] == number)


def current_snapshot(metadata: Metadata) -> dict[str, Any] | None:
    number = metadata.get("current-snapshot-id")
    return next(
        (snapshot for snapshot in metadata.get("snapshots", []) if snapshot["snapshot-id"] == number), None
    )


def snapshot_at(metadata: Metadata, version: int | str) -> dict[str, Any]:
    """By its id, or by the name of a branch or tag."""
    by_name = metadata.get("refs", {}).get(version, {}).get("snapshot-id")
    for snapshot in metadata.get("snapshots", []):
        if snapshot["snapshot-id"] in (version, by_name):
            return dict(snapshot)
    raise QueryFailedError(f"INVALID_ARGUMENTS: line 1:1: Iceberg snapshot ID does not exists: {version}")


def snapshot_before(metadata: Metadata, moment: datetime) -> dict[str, Any]:
    """That which was the present one at a moment."""
    entries = [
        one for one in metadata.get("snapshot-log", []) if one["timestamp-ms"] <= _milliseconds(moment)
    ]
    if not entries:
        raise QueryFailedError(
            f"INVALID_ARGUMENTS: line 1:1: No version history at or before {moment.isoformat()}"
        )
    return snapshot_at(metadata, entries[-1]["snapshot-id"])


def manifests_of(storage: Storage, snapshot: Mapping[str, Any] | None) -> list[Manifest]:
    return manifests.read_list(storage.get(snapshot["manifest-list"])) if snapshot else []


def files_of(storage: Storage, snapshot: Mapping[str, Any] | None) -> list[DataFile]:
    return [
        file
        for one in manifests_of(storage, snapshot)
        for file in manifests.read_files(storage.get(one.path), one.row.get("partition_spec_id") or 0)
    ]


def with_snapshot(storage: Storage, metadata: Metadata, change: Change, now: datetime) -> Metadata:
    """Writes the manifests; the metadata with the new snapshot as the present one."""
    snapshot, sequence = randbits(62), metadata.get("last-sequence-number", 0) + 1
    parent = current_snapshot(metadata)
    listed = list(change.kept)
    if change.added:
        listed.append(_manifest(storage, metadata, change.added, snapshot, sequence))
    content = manifests.write_list(
        listed, snapshot=snapshot, parent=parent["snapshot-id"] if parent else None, sequence=sequence
    )
    place = storage.put(f"{storage.prefix}metadata/snap-{snapshot}-1-{uuid4()}.avro", content)
    moment = max(_milliseconds(now), metadata.get("last-updated-ms", 0) + 1)
    made = {
        "snapshot-id": snapshot,
        **({"parent-snapshot-id": parent["snapshot-id"]} if parent else {}),
        "sequence-number": sequence,
        "timestamp-ms": moment,
        "manifest-list": place,
        "summary": _summary(storage, listed, change),
        "schema-id": metadata.get("current-schema-id", 0),
    }
    return metadata | {
        "last-sequence-number": sequence,
        "last-updated-ms": moment,
        "current-snapshot-id": snapshot,
        "refs": metadata.get("refs", {}) | {"main": {"snapshot-id": snapshot, "type": "branch"}},
        "snapshots": [*metadata.get("snapshots", []), made],
        "snapshot-log": [
            *metadata.get("snapshot-log", []),
            {"timestamp-ms": moment, "snapshot-id": snapshot},
        ],
    }


def _manifest(
    storage: Storage, metadata: Metadata, files: Sequence[DataFile], snapshot: int, sequence: int
) -> Manifest:
    spec = spec_of(metadata)
    content = manifests.write_manifest(
        files, schema=schema_of(metadata), spec=spec, snapshot=snapshot, sequence=sequence
    )
    place = storage.put(f"{storage.prefix}metadata/{uuid4()}-m0.avro", content)
    return manifests.list_row(
        place, len(content), files, spec_id=spec["spec-id"], snapshot=snapshot, sequence=sequence
    )


def _summary(storage: Storage, listed: Sequence[Manifest], change: Change) -> dict[str, str]:
    present = [file for manifest in listed for file in manifests.read_files(storage.get(manifest.path))]
    records, added = sum(one.records for one in present), sum(one.records for one in change.added)
    return {
        "operation": change.operation,
        "added-data-files": str(len(change.added)),
        "added-records": str(added),
        "deleted-records": str(change.removed),
        "total-records": str(records),
        "total-data-files": str(len(present)),
        "total-delete-files": "0",
    }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
