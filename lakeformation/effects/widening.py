"""What a principal sees of one table by several grants: their columns × rows are united, none limits another.

Filters on one table unite, and a plain SELECT prevails over them (AWS, "data filtering notes"). So a row rule
limits only where nothing else shows more: each such overlap is a widening, and needs a yes of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.wording import columns_worded, rows_worded


@dataclass(frozen=True)
class Cells:
    """Columns of a table in the rows of a rule (its canonical text; empty: all rows). `why`: by what they are seen."""

    columns: ColumnSet
    rows: str
    why: str = ""


@dataclass(frozen=True)
class Widening:
    """What the principal will see beyond what is asked for here, because of something else that it holds.

    `key` names it in a decision: the same columns × rows have the same key.
    """

    columns: ColumnSet
    rows: str
    why: str
    text: str

    @property
    def key(self) -> str:
        return digest({"columns": self.columns.to_json(), "rows": self.rows, "text": self.text})[:16]

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "columns": self.columns.to_json(), "rows": self.rows, "text": self.text}


def widenings(asked: Cells, others: Iterable[Cells]) -> tuple[Widening, ...]:
    """Each overlap in which a row rule plays a part; where none does, columns simply add up."""
    found = [one for other in others for one in _widening(asked, other)]
    return tuple({one.key: one for one in found}.values())


def seen(parts: Sequence[Cells], column: str) -> frozenset[str]:
    """The rules of which a row must pass one for the column to be seen in it; `""` alone: every row; none: no row."""
    rules = frozenset(part.rows for part in parts if column in part.columns)
    return frozenset({""}) if "" in rules else rules


def _widening(asked: Cells, other: Cells) -> Iterator[Widening]:
    if not (asked.rows or other.rows):
        return
    shared = asked.columns & other.columns
    more = other.columns - asked.columns
    if asked.rows and other.rows != asked.rows:
        more |= shared
    if more:
        text = f"sees {columns_worded(more)} in {rows_worded(other.rows)} too: {other.why}"
        yield Widening(more, other.rows, other.why, text)
    if shared and not asked.rows:
        text = f"sees {columns_worded(shared)} in all rows: {other.why} no longer limits them"
        yield Widening(shared, "", other.why, text)
