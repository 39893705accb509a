"""Made-up rows of a table, from the names, types and classes of its columns alone. The same table gives the same rows."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from catalog.mirror.models import Classification, Column, ColumnFacts, Table
from requests_app.data_queries.values import ValueKind, get_kind

SYNTHETIC_ROWS = 5
_FIRST_DAY = date(2024, 1, 1)
_REGIONS = ("North", "East", "South", "West")
_CURRENCIES = ("EUR", "CHF", "GBP", "USD")
_COUNTRIES = ("DE", "FR", "IT", "ES")
_STATES = ("new", "open", "closed")
Dice = Callable[[int], int]
"""A number from 0 up to below its argument."""


def build_synthetic_rows(
    table: Table, columns: Sequence[Column | ColumnFacts], count: int = SYNTHETIC_ROWS
) -> list[list[str | None]]:
    """As text, in the order of `columns`."""
    return [[build_value(table, column, row) for column in columns] for row in range(count)]


def build_value(table: Table, column: Column | ColumnFacts, row: int) -> str:
    roll = _make_dice(f"{table.database.name}.{table.name}.{column.name}.{row}")
    kind = get_kind(column.type)
    if kind != ValueKind.TEXT:
        return _BY_KIND.get(kind, _build_other)(roll)
    if column.classification == Classification.SENSITIVE:
        return f"made up {roll(9000) + 1000}"
    name = column.name.lower()
    found = next((build for words, build in _BY_NAME if any(word in name for word in words)), None)
    return found(roll) if found else f"text {roll(90) + 10}"


def _make_dice(seed: str) -> Dice:
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    return lambda most: number % most


def _choose(values: Sequence[str]) -> Callable[[Dice], str]:
    return lambda roll: values[roll(len(values))]


def _build_day(roll: Dice) -> str:
    return (_FIRST_DAY + timedelta(days=roll(700))).isoformat()


def _build_moment(roll: Dice) -> str:
    began = datetime.combine(_FIRST_DAY, datetime.min.time())
    return (began + timedelta(minutes=roll(1_000_000))).isoformat(sep=" ")


def _build_other(_roll: Dice) -> str:
    return "…"


_BY_KIND: dict[ValueKind, Callable[[Dice], str]] = {
    ValueKind.WHOLE: lambda roll: str(roll(1000)),
    ValueKind.FLOAT: lambda roll: f"{roll(100_000) / 100:.2f}",
    ValueKind.DECIMAL: lambda roll: f"{roll(100_000) / 100:.2f}",
    ValueKind.BOOLEAN: lambda roll: "true" if roll(2) else "false",
    ValueKind.DATE: _build_day,
    ValueKind.TIMESTAMP: _build_moment,
}
_BY_NAME: Sequence[tuple[Sequence[str], Callable[[Dice], str]]] = (
    (("mail",), lambda roll: f"person{roll(900) + 100}@example.com"),
    (("country",), _choose(_COUNTRIES)),
    (("currency",), _choose(_CURRENCIES)),
    (("region",), _choose(_REGIONS)),
    (("state", "status"), _choose(_STATES)),
    (("month",), lambda roll: _build_day(roll)[:7]),
    (("date", "day"), _build_day),
    (("name",), lambda roll: f"Name {roll(900) + 100}"),
    (("_id", "number", "key", "code"), lambda roll: f"X{roll(900_000) + 100_000}"),
)
