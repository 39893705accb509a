"""Service levels as ODCS has them: a property, a value and a unit. Pure."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.products.fields import SERVICE_LEVELS, FieldKind, ProductField

UNITS = {FieldKind.HOURS: "h", FieldKind.PERCENT: "percent"}
PROPERTIES = {one.level.standard_name: one for one in SERVICE_LEVELS if one.level}
"""Fields by the standard's name."""
PERCENT_UNITS = {"", "%", "percent", "pct"}
_HOURS = {
    Decimal(1): ("", "h", "hr", "hour", "hours"),
    Decimal(24): ("d", "day", "days"),
    Decimal(168): ("w", "week", "weeks"),
    Decimal(1) / Decimal(60): ("m", "min", "minute", "minutes"),
}
HOURS_BY_UNIT = {unit: hours for hours, units in _HOURS.items() for unit in units}


class UnknownLevelError(ValueError):
    """The value or its unit can't be kept as it is."""


def write_service_levels(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each one that is promised."""
    for name, field in PROPERTIES.items():
        value = fields.get(field.name)
        if value in (None, ""):
            continue
        row = {"property": name, "value": to_number(value) if isinstance(value, Decimal) else value}
        yield {**row, "unit": UNITS[field.kind]} if field.kind in UNITS else row


def to_number(value: Decimal) -> int | float:
    """As a file shows it."""
    return int(value) if value == value.to_integral_value() else float(value)


def read_service_level(field: ProductField, value: Any, unit: str) -> Any:
    """The field's value. Raises UnknownLevelError."""
    if field.kind == FieldKind.HOURS:
        hours = parse_number(value) * _get_hours(unit)
        whole = hours.to_integral_value()
        if abs(hours - whole) > Decimal("1e-9"):
            raise UnknownLevelError
        return int(whole)
    if field.kind == FieldKind.PERCENT:
        if unit.strip().lower() not in PERCENT_UNITS:
            raise UnknownLevelError
        return parse_number(value)
    if isinstance(value, bool) or value is None:
        raise UnknownLevelError
    return f"{value} {unit}".strip()


def parse_number(value: Any) -> Decimal:
    """Of a number, or of one in a text. Raises UnknownLevelError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnknownLevelError
    try:
        found = Decimal(str(value).strip().removesuffix("%"))
    except (InvalidOperation, ValueError) as error:
        raise UnknownLevelError from error
    if not found.is_finite() or abs(found) > Decimal("1e9"):
        raise UnknownLevelError
    return found


def _get_hours(unit: str) -> Decimal:
    found = HOURS_BY_UNIT.get(unit.strip().lower())
    if found is None:
        raise UnknownLevelError
    return found
