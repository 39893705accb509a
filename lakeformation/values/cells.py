"""Cells of a table: columns × rows."""

from dataclasses import dataclass

from lakeformation.values.column_sets import ColumnSet


@dataclass(frozen=True)
class Cells:
    """Columns of a table, in `rows` (canonical row filter; empty: all rows). `source`: what shows them."""

    columns: ColumnSet
    rows: str
    source: str = ""
