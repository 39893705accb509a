"""Values of DuckDB as Athena prints them, by their DuckDB type."""

import struct
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

SMALLEST_PLAIN, LARGEST_PLAIN = 1e-3, 1e7


def text_of(value: Any, kind: str) -> str | None:
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
    shown = text_of(value, kind)
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
