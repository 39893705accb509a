"""Values of columns by Glue's types: parsed from what a caller sends, and converted from Athena's text."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from requests_app.data_queries.sql import quote_text

MAX_TEXT = 1000
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
_LONGEST_NUMBER = 60


class ValueKind(StrEnum):
    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "decimal number"
    FLOAT = "number"
    BOOLEAN = "true or false"
    DATE = "date"
    TIMESTAMP = "timestamp"
    OTHER = "other"


KIND_BY_TYPE = {
    **dict.fromkeys(("string", "varchar", "char"), ValueKind.TEXT),
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint"), ValueKind.WHOLE),
    **dict.fromkeys(("float", "double", "real"), ValueKind.FLOAT),
    "decimal": ValueKind.DECIMAL,
    "boolean": ValueKind.BOOLEAN,
    "date": ValueKind.DATE,
    "timestamp": ValueKind.TIMESTAMP,
}


class InvalidValueError(Exception):
    """A value that is none of the column's type."""


def get_kind(column_type: str) -> ValueKind:
    """By Glue's type, such as `decimal(10,2)`."""
    return KIND_BY_TYPE.get(column_type.lower().partition("(")[0].strip(), ValueKind.OTHER)


def build_literal(kind: ValueKind, value: object) -> str:
    """A parameter of Athena for a value from JSON. InvalidValueError."""
    build = _LITERALS.get(kind)
    if build is None:
        raise InvalidValueError
    return build(value)


def convert_text(kind: ValueKind, text: str | None) -> Any:
    """Athena's text as a value for JSON. Decimals stay text, so that no digit is lost."""
    if text is None:
        return None
    try:
        return _CONVERSIONS.get(kind, str)(text)
    except ValueError:
        return text


def _build_text(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\x00" in value:
        raise InvalidValueError
    return quote_text(value)


def _build_whole(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or not _WHOLE_NUMBER.fullmatch(str(value)):
        raise InvalidValueError
    return str(int(value))


def _build_decimal(value: object) -> str:
    decimal = _parse_decimal(value)
    return f"DECIMAL {quote_text(format(decimal, 'f'))}"


def _build_float(value: object) -> str:
    return f"{_parse_decimal(value):.16E}"


def _parse_decimal(value: object) -> Decimal:
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool)
    if not is_number or len(str(value)) > _LONGEST_NUMBER:
        raise InvalidValueError
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidValueError from error
    if not found.is_finite() or abs(found.adjusted()) > _LONGEST_NUMBER:
        raise InvalidValueError
    return found


def _build_boolean(value: object) -> str:
    if not isinstance(value, bool):
        raise InvalidValueError
    return "true" if value else "false"


def _build_date(value: object) -> str:
    try:
        return f"DATE '{date.fromisoformat(str(value)).isoformat()}'"
    except ValueError as error:
        raise InvalidValueError from error


def _build_timestamp(value: object) -> str:
    """Athena's timestamps have no zone: those with one are converted to UTC."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidValueError from error
    moment = found.astimezone(UTC) if found.tzinfo else found
    return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ', timespec='milliseconds')}'"


_LITERALS: dict[ValueKind, Callable[[object], str]] = {
    ValueKind.TEXT: _build_text,
    ValueKind.WHOLE: _build_whole,
    ValueKind.DECIMAL: _build_decimal,
    ValueKind.FLOAT: _build_float,
    ValueKind.BOOLEAN: _build_boolean,
    ValueKind.DATE: _build_date,
    ValueKind.TIMESTAMP: _build_timestamp,
}
_CONVERSIONS: dict[ValueKind, Callable[[str], Any]] = {
    ValueKind.WHOLE: int,
    ValueKind.FLOAT: float,
    ValueKind.BOOLEAN: lambda text: text == "true",
}
