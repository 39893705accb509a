"""Manifest lists and manifests of format version 2: read and written.

Source: Iceberg table specification, "Manifests" and "Manifest Lists" (field ids).

Source: Apache Avro 1.11 specification, "Binary encoding" and "Object container files"; codecs null and deflate.
"""

import io
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from secrets import token_bytes
from typing import Any

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import schemas

ADDED, DELETED = 1, 2
_AVRO = {
    "int": "int", "long": "long", "float": "float", "double": "double", "boolean": "boolean", "string": "string",
    "binary": "bytes", "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": False},
    "timestamptz": {"type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": True},
}  # fmt: skip
MAGIC = b"Obj\x01"
_SYNC = 16
_RAW_DEFLATE = -15
Schema = Any


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
    return [Manifest(one) for one in read_avro(content)[1]]


def read_files(content: bytes, spec_id: int = 0) -> list[DataFile]:
    """Reads the files that are in the snapshot: the entries that are not deleted."""
    entries = [one for one in read_avro(content)[1] if one["status"] != DELETED]
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
                "file_path": file.path,
                "file_format": file.format,
                "partition": {
                    name: _stored(file.partition.get(name)) for name in (f["name"] for f in partition)
                },
                "record_count": file.records,
                "file_size_in_bytes": file.size,
            },
        }
        for file in files
    ]
    metadata = {
        "schema": json.dumps(schema),
        "schema-id": str(schema.get("schema-id", 0)),
        "partition-spec": json.dumps(spec["fields"]),
        "partition-spec-id": str(spec["spec-id"]),
        "format-version": "2",
        "content": "data",
    }
    return write_avro(_entry_schema(partition), records, metadata)


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
            "added_rows_count": sum(file.records for file in files),
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
    records = [{name: _number(manifest.row, name) for name, _, _ in _LIST_FIELDS} for manifest in found]
    return write_avro(_LIST_SCHEMA, records, metadata)


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
                _avro_type(schemas.find_result_type(one["transform"], kinds.get(one["source-id"], "string"))),
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
            return (value - schemas.EPOCH).days
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


def read_avro(content: bytes) -> tuple[dict[str, str], list[Any]]:
    """The file's metadata and its records. Raises QueryFailedError for what is no Avro file."""
    try:
        stream = io.BytesIO(content)
        if stream.read(len(MAGIC)) != MAGIC:
            raise QueryFailedError("ICEBERG_BAD_DATA: a manifest is no Avro file")
        metadata = {key: value.decode() for key, value in _map(stream, "bytes", {}).items()}
        schema = json.loads(metadata["avro.schema"])
        names: dict[str, Schema] = {}
        stream.read(_SYNC)
        found: list[Any] = []
        while stream.tell() < len(content):
            count, size = _long(stream), _long(stream)
            block = io.BytesIO(_unpacked(stream.read(size), metadata.get("avro.codec", "null")))
            found += [_decoded(block, schema, names) for _ in range(count)]
            stream.read(_SYNC)
    except (KeyError, IndexError, ValueError, struct.error, zlib.error) as error:
        raise QueryFailedError("ICEBERG_BAD_DATA: a manifest cannot be read") from error
    return metadata, found


def write_avro(schema: Schema, records: Sequence[Any], metadata: Mapping[str, str]) -> bytes:
    out, sync = io.BytesIO(), token_bytes(_SYNC)
    held = {**metadata, "avro.schema": json.dumps(schema), "avro.codec": "null"}
    out.write(MAGIC)
    _encode(out, {"type": "map", "values": "bytes"}, {key: text.encode() for key, text in held.items()})
    out.write(sync)
    if records:
        block = io.BytesIO()
        for record in records:
            _encode(block, schema, record)
        _put_long(out, len(records))
        _put_long(out, len(block.getvalue()))
        out.write(block.getvalue() + sync)
    return out.getvalue()


def _unpacked(block: bytes, codec: str) -> bytes:
    match codec:
        case "null":
            return block
        case "deflate":
            return zlib.decompress(block, _RAW_DEFLATE)
    raise QueryFailedError(f"NOT_SUPPORTED: mocklake reads no manifests packed by {codec}")


def _decoded(stream: io.BytesIO, schema: Schema, names: dict[str, Schema]) -> Any:
    while isinstance(schema, list):
        schema = schema[_long(stream)]
    if isinstance(schema, str):
        return _decoded(stream, names[schema], names) if schema in names else _READERS[schema](stream)
    if "name" in schema:
        names[schema["name"]] = schema
    return _nested(stream, schema, names)


def _nested(stream: io.BytesIO, schema: Schema, names: dict[str, Schema]) -> Any:
    match schema["type"]:
        case "record":
            return {one["name"]: _decoded(stream, one["type"], names) for one in schema["fields"]}
        case "array":
            return [one for count in _blocks(stream) for one in _many(stream, schema["items"], names, count)]
        case "map":
            return _map(stream, schema["values"], names)
        case "fixed":
            return stream.read(schema["size"])
    return _decoded(stream, schema["type"], names)


def _many(stream: io.BytesIO, schema: Schema, names: dict[str, Schema], count: int) -> list[Any]:
    return [_decoded(stream, schema, names) for _ in range(count)]


def _map(stream: io.BytesIO, values: Schema, names: dict[str, Schema]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for count in _blocks(stream):
        for _ in range(count):
            key = _bytes(stream).decode()
            found[key] = _decoded(stream, values, names)
    return found


def _blocks(stream: io.BytesIO) -> Any:
    while count := _long(stream):
        if count < 0:
            _long(stream)
        yield abs(count)


def _long(stream: io.BytesIO) -> int:
    shift = number = 0
    while True:
        byte = stream.read(1)[0]
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004  (the sign that another byte follows)
            return (number >> 1) ^ -(number & 1)


def _bytes(stream: io.BytesIO) -> bytes:
    return stream.read(_long(stream))


_READERS: dict[str, Callable[[io.BytesIO], Any]] = {
    "null": lambda _stream: None,
    "boolean": lambda stream: stream.read(1) == b"\x01",
    "int": _long,
    "long": _long,
    "float": lambda stream: struct.unpack("<f", stream.read(4))[0],
    "double": lambda stream: struct.unpack("<d", stream.read(8))[0],
    "bytes": _bytes,
    "string": lambda stream: _bytes(stream).decode(),
}


def _encode(out: io.BytesIO, schema: Schema, value: Any) -> None:
    if isinstance(schema, list):
        index = next(place for place, one in enumerate(schema) if (one == "null") == (value is None))
        _put_long(out, index)
        schema = schema[index]
    kind = schema if isinstance(schema, str) else schema["type"]
    match kind:
        case "record":
            for one in schema["fields"]:
                _encode(out, one["type"], value[one["name"]])
        case "map":
            _encode_map(out, schema["values"], value)
        case "fixed":
            out.write(value)
        case _:
            _WRITERS[kind](out, value)


def _encode_map(out: io.BytesIO, values: Schema, value: Mapping[str, Any]) -> None:
    _put_long(out, len(value))
    for key, one in value.items():
        _put_bytes(out, key.encode())
        _encode(out, values, one)
    if value:
        _put_long(out, 0)


def _put_long(out: io.BytesIO, value: int) -> None:
    number = (value << 1) ^ (value >> 63)
    while number > 0x7F:  # noqa: PLR2004
        out.write(bytes([(number & 0x7F) | 0x80]))
        number >>= 7
    out.write(bytes([number]))


def _put_bytes(out: io.BytesIO, value: bytes) -> None:
    _put_long(out, len(value))
    out.write(value)


_WRITERS: dict[str, Callable[[io.BytesIO, Any], Any]] = {
    "null": lambda _out, _value: None,
    "boolean": lambda out, value: out.write(b"\x01" if value else b"\x00"),
    "int": _put_long,
    "long": _put_long,
    "float": lambda out, value: out.write(struct.pack("<f", value)),
    "double": lambda out, value: out.write(struct.pack("<d", value)),
    "bytes": _put_bytes,
    "string": lambda out, value: _put_bytes(out, value.encode()),
}
