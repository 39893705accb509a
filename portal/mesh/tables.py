"""A report as a table: what pages show, what a file holds and what the API answers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.formats import date_format, number_format

from portal.charts.chart import Chart
from portal.charts.scale import ChartUnit, format_value

Value = str | int | float | bool | date | datetime | None


class ColumnKind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    DECIMAL = "decimal"
    SHARE = "share"
    SECONDS = "seconds"
    DAY = "day"


NUMBERS = frozenset({ColumnKind.COUNT, ColumnKind.DECIMAL, ColumnKind.SHARE, ColumnKind.SECONDS})


@dataclass(frozen=True)
class ReportColumn:
    """`name` is its member in the API and its header in a file."""

    name: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True)
class ReportCell:
    """`label` is its column's."""

    text: str
    label: str
    url: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class ReportRow:
    """`values` by name of the column; `urls` of those that are links."""

    values: dict[str, Value]
    urls: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportTable:
    """`source` says what is counted and where it comes from. `total` is how many rows there are, if not all are here."""

    name: str
    title: str
    source: str
    columns: Sequence[ReportColumn]
    rows: Sequence[ReportRow]
    total: int | None = None
    empty: str = ""

    @property
    def left_out(self) -> int:
        return max(0, (self.total or 0) - len(self.rows))

    @property
    def cells(self) -> list[list[ReportCell]]:
        return [[_build_cell(row, column) for column in self.columns] for row in self.rows]

    @property
    def results(self) -> Iterator[dict[str, Any]]:
        """For files and the API."""
        for row in self.rows:
            yield {column.name: _format_plain(row.values[column.name]) for column in self.columns}


@dataclass(frozen=True)
class HeatCell:
    """`level` is 0 to 5 of the largest."""

    text: str
    level: int
    url: str
    label: str


@dataclass(frozen=True)
class HeatMap:
    """Rows use, columns are used."""

    title: str
    summary: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[HeatCell]]]


@dataclass(frozen=True)
class SectionContent:
    """What a page of the mesh shows."""

    tables: Sequence[ReportTable]
    charts: Sequence[Chart] = ()
    heat_map: HeatMap | None = None
    note: str = ""

    @property
    def shown_charts(self) -> list[Chart]:
        return [chart for chart in self.charts if not chart.is_empty]


def build_rows(rows: Iterable[dict[str, Value]]) -> list[ReportRow]:
    return [ReportRow(row) for row in rows]


def _build_cell(row: ReportRow, column: ReportColumn) -> ReportCell:
    value = row.values[column.name]
    text = format_cell(value, column.kind)
    return ReportCell(text, column.label, row.urls.get(column.name, ""), column.is_number)


def format_cell(value: Value, kind: ColumnKind) -> str:
    """As people read it; a dash for what is not known."""
    if value is None or value == "":
        return "–"
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, str) or kind is ColumnKind.TEXT:
        return str(value)
    if kind is ColumnKind.SECONDS:
        return format_value(value, ChartUnit.DURATION)
    if kind is ColumnKind.SHARE:
        return f"{number_format(value * 100, decimal_pos=0)} %"
    return number_format(value, decimal_pos=1 if kind is ColumnKind.DECIMAL else 0, force_grouping=True)


def _format_plain(value: Value) -> Value:
    if isinstance(value, float):
        return round(value, 4)
    return value.isoformat() if isinstance(value, date) else value
