"""Widenings: several grants on one table are united, and none limits another.

Filters on one table unite, and a plain SELECT prevails over them (AWS, "data filtering notes"). So a row
filter limits only where nothing else shows more: each such overlap is a widening, and is approved separately.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakeformation.values.canonical_json import digest
from lakeformation.values.cells import Cells
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.wording import describe_columns, describe_rows


@dataclass(frozen=True)
class Widening:
    """What the principal will see beyond this request, because of its other access.

    `key` names it in a decision: the same columns × rows have the same key.
    """

    columns: ColumnSet
    rows: str
    source: str
    text: str

    @property
    def key(self) -> str:
        return digest({"columns": self.columns.to_json(), "rows": self.rows, "text": self.text})[:16]

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "columns": self.columns.to_json(), "rows": self.rows, "text": self.text}


def find_widenings(requested: Cells, others: Iterable[Cells]) -> tuple[Widening, ...]:
    """Each overlap in which a row filter plays a part; without one, columns simply add up."""
    found = [one for other in others for one in _compare_cells(requested, other)]
    return tuple({one.key: one for one in found}.values())


def find_visible_rows(parts: Sequence[Cells], column: str) -> frozenset[str]:
    """Row filters; a row that passes one of them shows the column. `""` alone: every row; none: no row."""
    rules = frozenset(part.rows for part in parts if column in part.columns)
    return frozenset({""}) if "" in rules else rules


def _compare_cells(requested: Cells, other: Cells) -> Iterator[Widening]:
    if not (requested.rows or other.rows):
        return
    shared = requested.columns & other.columns
    more = other.columns - requested.columns
    if requested.rows and other.rows != requested.rows:
        more |= shared
    if more:
        text = f"sees {describe_columns(more)} in {describe_rows(other.rows)} too: {other.source}"
        yield Widening(more, other.rows, other.source, text)
    if shared and not requested.rows:
        text = f"sees {describe_columns(shared)} in all rows: {other.source} no longer limits them"
        yield Widening(shared, "", other.source, text)
