"""Values and types of DuckDB as Athena, Hive and Trino write them."""

import re
import struct
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from mocklake.athena.sql_text import DUCKDB_BRACKETS, split_types

SMALLEST_PLAIN, LARGEST_PLAIN = 1e-3, 1e7
_NAMES = {
    "VARCHAR": "varchar", "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "bigint", "UBIGINT": "bigint",
    "UINTEGER": "bigint", "USMALLINT": "integer", "UTINYINT": "smallint", "SMALLINT": "smallint", "TINYINT": "tinyint",
    "DATE": "date", "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean", "BLOB": "varbinary", "JSON": "json",
    "TIMESTAMP": "timestamp", "TIMESTAMP_S": "timestamp", "TIMESTAMP_MS": "timestamp", "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone", "TIME": "time", "INTERVAL": "interval day to second",
    "TIME WITH TIME ZONE": "time with time zone", "UUID": "uuid", '"NULL"': "unknown",
}  # fmt: skip
_MEMBER = re.compile(r'("(?:[^"]|"")*"|\w+)\s+(.*)', re.DOTALL)
_HIVE = {
    "varchar": "string", "integer": "int", "hugeint": "decimal(38,0)", "blob": "binary", "real": "float",
    "timestamp with time zone": "timestamp", "timestamp_ns": "timestamp", "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp", "utinyint": "smallint", "usmallint": "int", "uinteger": "bigint", "uuid": "string",
    "time": "string", "ubigint": "decimal(20,0)", "json": "string", '"null"': "string", "null": "string",
}  # fmt: skip
_TRINO = {
    "string": "varchar", "int": "integer", "float": "real", "binary": "varbinary", "timestamp": "timestamp(3)",
}  # fmt: skip


def write_value(value: Any, kind: str) -> str | None:
    """`kind` is the type as DuckDB names it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value, is_single=kind == "FLOAT")
    if isinstance(value, (list, tuple, dict)):
        return _collection(value, kind)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value, "%Y-%m-%d %H:%M:%S") + (" UTC" if value.tzinfo else "")
    if isinstance(value, time):
        return _moment(value, "%H:%M:%S")
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.hex(" ") if isinstance(value, (bytes, bytearray)) else str(value)


def _moment(value: datetime | time, form: str) -> str:
    return f"{value.strftime(form)}.{value.microsecond // 1000:03d}"


def _collection(value: Any, kind: str) -> str:
    if isinstance(value, dict):
        pairs = (f"{_member(key)}={_nested(one, '')}" for key, one in value.items())
        return "{" + _listed(pairs) + "}"
    return "[" + _listed(_nested(one, kind.removesuffix("[]")) for one in value) + "]"


def _member(key: Any) -> str:
    """Members of a row that has no names are counted."""
    shown = _nested(key, "")
    return f"field{shown[1:]}" if shown.startswith("_") and shown[1:].isdigit() else shown


def _nested(value: Any, kind: str) -> str:
    shown = write_value(value, kind)
    return "null" if shown is None else shown


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _duration(value: timedelta) -> str:
    seconds = value.seconds
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{value.days} {clock}.{value.microseconds // 1000:03d}"


def _number(value: float, *, is_single: bool) -> str:
    """As Java prints doubles and floats: an exponent from 10^7 and below 10^-3."""
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    digits = _shortest_single(value) if is_single else repr(value)
    if value == 0 or SMALLEST_PLAIN <= abs(value) < LARGEST_PLAIN:
        plain = format(Decimal(digits), "f")
        return plain if "." in plain else f"{plain}.0"
    mantissa, _, exponent = format(Decimal(digits).normalize(), "E").partition("E")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}E{int(exponent)}"


def _shortest_single(value: float) -> str:
    packed = struct.pack("f", value)
    found = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next(one for one in found if struct.pack("f", float(one)) == packed)


def athena_type(kind: str) -> str:
    """`decimal(9,2)`, `array(integer)`, `map(varchar, bigint)`, `row(a integer, b varchar)` and plain names."""
    if kind.endswith("]"):
        return f"array({athena_type(kind[: kind.rindex('[')])})"
    outer, opened, inner = kind.partition("(")
    parts = split_types(inner.removesuffix(")"), DUCKDB_BRACKETS) if opened else []
    match outer:
        case "MAP":
            return f"map({', '.join(athena_type(part) for part in parts)})"
        case "STRUCT":
            return f"row({', '.join(_type_member(part) for part in parts)})"
        case "DECIMAL":
            return f"decimal({','.join(parts)})"
    return _NAMES.get(kind, "varchar")


def _type_member(text: str) -> str:
    found = _MEMBER.fullmatch(text)
    if found is None:
        return athena_type(text)
    return f"{found[1].strip(chr(34))} {athena_type(found[2])}"


def to_hive_type(kind: Any) -> str:
    """Accepts any of DuckDB's types, nested ones too."""
    match kind.id:
        case "list" | "array":
            return f"array<{to_hive_type(kind.children[0][1])}>"
        case "map":
            (_, key), (_, value) = kind.children
            return f"map<{to_hive_type(key)},{to_hive_type(value)}>"
        case "struct":
            return f"struct<{','.join(f'{name.lower()}:{to_hive_type(one)}' for name, one in kind.children)}>"
    name = str(kind).lower()
    return _HIVE.get(name, name)


def to_trino_type(hive: str) -> str:
    """Trino's name of a Hive type."""
    outer, _, inner = hive.partition("<")
    if not inner:
        return _TRINO.get(hive, hive)
    parts = split_types(inner.removesuffix(">"))
    if outer == "struct":
        fields = (part.partition(":") for part in parts)
        return f"row({', '.join(f'{name} {to_trino_type(kind)}' for name, _, kind in fields)})"
    return f"{outer}({', '.join(to_trino_type(part) for part in parts)})"
