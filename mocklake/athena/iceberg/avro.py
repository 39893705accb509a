"""Avro object container files, as far as Iceberg's manifests need them.

Source: Apache Avro 1.11 specification, "Binary encoding" and "Object container files"; codecs null and deflate.
"""

import io
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from secrets import token_bytes
from typing import Any

from mocklake.athena.failures import QueryFailedError

MAGIC = b"Obj\x01"
_SYNC = 16
_RAW_DEFLATE = -15
Schema = Any


def read(content: bytes) -> tuple[dict[str, str], list[Any]]:
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


def write(schema: Schema, records: Sequence[Any], metadata: Mapping[str, str]) -> bytes:
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
