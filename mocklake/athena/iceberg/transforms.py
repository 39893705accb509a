"""Partition transforms: their names in SQL, what they make of a value, and of which type that is.

Source: Iceberg table specification, "Partition Transforms" and appendix B (32-bit hash).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mocklake.athena.failures import QueryFailedError

EPOCH = date(1970, 1, 1)
_MASK = 0xFFFFFFFF
_SQL = re.compile(
    r'\s*(?:(?P<name>\w+)\s*\(\s*(?P<first>"?\w+"?)\s*(?:,\s*(?P<second>"?\w+"?)\s*)?\)|(?P<column>"?\w+"?))\s*'
)
_PLAIN_NAMES = {"year": "year", "years": "year", "month": "month", "months": "month", "day": "day", "days": "day",
                "date": "day", "hour": "hour", "hours": "hour"}  # fmt: skip


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


def read(text: str) -> Transform:
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


def result_type(name: str, source: Any) -> Any:
    """As Iceberg names types."""
    base = name.partition("[")[0]
    return source if base in {"identity", "truncate", "void"} else "date" if base == "day" else "int"


def apply(name: str, value: Any) -> Any:
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
    return (hash32(value) & 0x7FFFFFFF) % width


def hash32(value: Any) -> int:
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
