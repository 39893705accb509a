"""Iceberg's types and Hive's, the schemas of tables, and partition transforms.

Source: Iceberg table specification, "Schemas and data types"; Athena User Guide, querying-iceberg-data-types.

Source: Iceberg table specification, "Partition Transforms" and appendix B (32-bit hash).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sql_text import split_types, write_literal
from mocklake.glue.iceberg import column_of, hive_type

Field = dict[str, Any]
_PLAIN = {
    "string": "string", "varchar": "string", "char": "string", "int": "int", "integer": "int", "smallint": "int",
    "tinyint": "int", "bigint": "long", "float": "float", "real": "float", "double": "double", "boolean": "boolean",
    "date": "date", "timestamp": "timestamp", "binary": "binary",
}  # fmt: skip
EPOCH = date(1970, 1, 1)
_MASK = 0xFFFFFFFF
_SQL = re.compile(
    r'\s*(?:(?P<name>\w+)\s*\(\s*(?P<first>"?\w+"?)\s*(?:,\s*(?P<second>"?\w+"?)\s*)?\)|(?P<column>"?\w+"?))\s*'
)
_PLAIN_NAMES = {"year": "year", "years": "year", "month": "month", "months": "month", "day": "day", "days": "day",
                "date": "day", "hour": "hour", "hours": "hour"}  # fmt: skip


def build_schema(columns: Sequence[tuple[str, str]], last_id: int = 0) -> Field:
    """Takes (name, Hive type); ids go on from the last one that was given, columns before what is in them."""
    ids = count(last_id + 1)
    numbers = [next(ids) for _ in columns]
    fields = [
        {"id": number, "name": name, "required": False, "type": iceberg_type(kind, ids)}
        for number, (name, kind) in zip(numbers, columns, strict=True)
    ]
    return {"type": "struct", "schema-id": 0, "fields": fields}


def iceberg_type(hive: str, ids: Iterator[int]) -> Any:
    outer, _, inner = hive.strip().lower().partition("<")
    parts = split_types(inner.removesuffix(">")) if inner else []
    match outer:
        case "array":
            number = next(ids)
            element = iceberg_type(parts[0], ids)
            return {"type": "list", "element-id": number, "element": element, "element-required": False}
        case "map":
            key, value = next(ids), next(ids)
            return {
                "type": "map", "key-id": key, "key": iceberg_type(parts[0], ids),
                "value-id": value, "value": iceberg_type(parts[1], ids), "value-required": False,
            }  # fmt: skip
        case "struct":
            named = [part.partition(":") for part in parts]
            numbers = [next(ids) for _ in named]
            fields = [
                {"id": number, "name": name.strip(), "required": False, "type": iceberg_type(kind, ids)}
                for number, (name, _, kind) in zip(numbers, named, strict=True)
            ]
            return {"type": "struct", "fields": fields}
    base = outer.partition("(")[0]
    if base == "decimal":
        precision, _, scale = outer.partition("(")[2].removesuffix(")").partition(",")
        return f"decimal({precision.strip() or 10}, {scale.strip() or 0})"
    if base not in _PLAIN:
        raise QueryFailedError(f"NOT_SUPPORTED: Type not supported for Iceberg: {hive}")
    return _PLAIN[base]


def find_last_id(schema: Field) -> int:
    return max((number for field in schema["fields"] for number in _ids(field)), default=0)


def _ids(field: Field) -> Iterator[int]:
    yield field["id"]
    yield from _inner_ids(field["type"])


def _inner_ids(kind: Any) -> Iterator[int]:
    match kind:
        case {"type": "list"}:
            yield kind["element-id"]
            yield from _inner_ids(kind["element"])
        case {"type": "map"}:
            yield from (kind["key-id"], kind["value-id"])
            yield from _inner_ids(kind["key"])
            yield from _inner_ids(kind["value"])
        case {"type": "struct"}:
            for field in kind["fields"]:
                yield from _ids(field)


def build_glue_columns(schema: Field) -> list[dict[str, Any]]:
    """The table's columns as Glue keeps them."""
    return [
        column_of(
            {
                "Id": field["id"],
                "Name": field["name"],
                "Type": field["type"],
                "Required": field["required"],
                "Doc": field.get("doc"),
            }
        )
        for field in schema["fields"]
    ]


def write_field_ids(schema: Field) -> str:
    """As DuckDB's COPY takes them."""
    listed = (
        f"{write_literal(field['name'])}: {_numbered(field['id'], field['type'])}"
        for field in schema["fields"]
    )
    return f"{{{', '.join(listed)}}}"


def _numbered(number: int, kind: Any) -> str:
    match kind:
        case {"type": "list"}:
            parts = [f"element: {_numbered(kind['element-id'], kind['element'])}"]
        case {"type": "map"}:
            parts = [
                f"key: {_numbered(kind['key-id'], kind['key'])}",
                f"value: {_numbered(kind['value-id'], kind['value'])}",
            ]
        case {"type": "struct"}:
            parts = [
                f"{write_literal(field['name'])}: {_numbered(field['id'], field['type'])}"
                for field in kind["fields"]
            ]
        case _:
            return str(number)
    return "{" + ", ".join([f"__duckdb_field_id: {number}", *parts]) + "}"


__all__ = [
    "build_glue_columns",
    "build_schema",
    "column_of",
    "find_last_id",
    "hive_type",
    "iceberg_type",
    "write_field_ids",
]


@dataclass(frozen=True)
class Transform:
    column: str
    name: str
    """As a partition spec has it, such as `bucket[16]`."""

    @property
    def field_name(self) -> str:
        base = self.name.partition("[")[0]
        return (
            self.column if base == "identity" else f"{self.column}_{ {'truncate': 'trunc'}.get(base, base) }"
        )


def read_transform(text: str) -> Transform:
    """`day(ts)`, `bucket(16, id)`, `bucket(id, 16)`, `truncate(4, name)` or a column."""
    found = _SQL.fullmatch(text)
    if found is None:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Invalid partition field declaration: {text}")
    if found["column"]:
        return Transform(found["column"].strip('"').lower(), "identity")
    name, first, second = found["name"].lower(), found["first"].strip('"'), (found["second"] or "").strip('"')
    if name in _PLAIN_NAMES and not second:
        return Transform(first.lower(), _PLAIN_NAMES[name])
    if name in {"bucket", "truncate"} and second:
        width, column = (first, second) if first.isdigit() else (second, first)
        return Transform(column.lower(), f"{name}[{int(width)}]")
    raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Invalid partition field declaration: {text}")


def find_result_type(name: str, source: Any) -> Any:
    """As Iceberg names types."""
    base = name.partition("[")[0]
    return source if base in {"identity", "truncate", "void"} else "date" if base == "day" else "int"


def apply_transform(name: str, value: Any) -> Any:
    base, _, width = name.partition("[")
    if value is None or base == "void":
        return None
    return _APPLIED[base](value, int(width.removesuffix("]")) if width else 0)


def _day(value: date | datetime) -> int:
    return ((value.date() if isinstance(value, datetime) else value) - EPOCH).days


def _hour(value: datetime) -> int:
    return _day(value) * 24 + value.hour


def _month(value: date) -> int:
    return (value.year - EPOCH.year) * 12 + value.month - 1


def _truncated(value: Any, width: int) -> Any:
    if isinstance(value, (str, bytes)):
        return value[:width]
    if isinstance(value, Decimal):
        exponent = int(value.as_tuple().exponent)
        unscaled = int(value.scaleb(-exponent))
        return Decimal(unscaled - unscaled % width).scaleb(exponent)
    return value - value % width


def _bucket(value: Any, width: int) -> int:
    return (compute_hash(value) & 0x7FFFFFFF) % width


def compute_hash(value: Any) -> int:
    match value:
        case datetime():
            micros = (value - datetime(1970, 1, 1, tzinfo=value.tzinfo)) // (datetime.resolution)
            return murmur3(micros.to_bytes(8, "little", signed=True))
        case date():
            return murmur3(_day(value).to_bytes(8, "little", signed=True))
        case int():
            return murmur3(value.to_bytes(8, "little", signed=True))
        case Decimal():
            unscaled = int(value.scaleb(-int(value.as_tuple().exponent)))
            length = max(1, (unscaled.bit_length() + 8) // 8)
            return murmur3(unscaled.to_bytes(length, "big", signed=True))
        case bytes():
            return murmur3(value)
    return murmur3(str(value).encode())


def murmur3(data: bytes) -> int:
    """The 32-bit hash x86 of MurmurHash3, seed 0."""
    result, whole = 0, len(data) // 4 * 4
    for place in range(0, whole, 4):
        result ^= _mixed(int.from_bytes(data[place : place + 4], "little"))
        result = (_rotated(result, 13) * 5 + 0xE6546B64) & _MASK
    if data[whole:]:
        result ^= _mixed(int.from_bytes(data[whole:], "little"))
    result ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        result = ((result ^ (result >> shift)) * factor) & _MASK
    return result ^ (result >> 16)


def _mixed(word: int) -> int:
    return (_rotated((word * 0xCC9E2D51) & _MASK, 15) * 0x1B873593) & _MASK


def _rotated(word: int, places: int) -> int:
    return ((word << places) | (word >> (32 - places))) & _MASK


_APPLIED: dict[str, Callable[[Any, int], Any]] = {
    "identity": lambda value, _width: value,
    "year": lambda value, _width: value.year - EPOCH.year,
    "month": lambda value, _width: _month(value),
    "day": lambda value, _width: _day(value),
    "hour": lambda value, _width: _hour(value),
    "truncate": _truncated,
    "bucket": _bucket,
}
