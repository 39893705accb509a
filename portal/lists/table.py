"""What a table of declared columns shows a person: heads, lines of cells, and the columns that they may hide."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from identity.people.models import Person
from portal.lists.declaration import Column, ColumnTable


@dataclass(frozen=True)
class Head:
    """`direction` is that of `aria-sort`; `url` sorts by the column."""

    column: Column
    url: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    column: Column
    template: str
    value: Any


@dataclass(frozen=True)
class Line:
    row: Any
    cells: Sequence[Cell]


@dataclass(frozen=True)
class ShownTable:
    """`choices` are the columns that the person may hide, each with whether it is shown."""

    declared: ColumnTable
    heads: Sequence[Head]
    lines: Sequence[Line]
    choices: Sequence[tuple[Column, bool]]


def build_table(
    declared: ColumnTable,
    person: Person,
    rows: Iterable[Any],
    build_head: Callable[[Column], Head] = Head,
) -> ShownTable:
    columns = declared.list_shown_columns(person)
    return ShownTable(
        declared=declared,
        heads=[build_head(column) for column in columns],
        lines=[
            Line(
                row,
                [Cell(column, column.name_cell(declared.cells), column.get_value(row)) for column in columns],
            )
            for row in rows
        ],
        choices=[(column, column in columns) for column in declared.list_choosable_columns()],
    )
