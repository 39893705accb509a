"""Which cells of a table may be read: for each column, on which rows. Pure.

Rows are a disjunction of conjunctions of SQL conditions, so that grants can be united and two accounts'
grants be met. A cell outside is NULL in a row that another column shows (GetUnfilteredTableMetadata answers
a filter for each column); a row that no column shows is not there.
"""

from collections.abc import Iterable, Mapping

Rows = frozenset[frozenset[str]]
Cells = Mapping[str, Rows]

ALL_ROWS: Rows = frozenset([frozenset[str]()])
NO_ROWS: Rows = frozenset()


def whole(columns: Iterable[str], condition: str | None = None) -> Cells:
    rows = ALL_ROWS if condition is None else frozenset([frozenset([condition])])
    return dict.fromkeys(columns, rows)


def united(parts: Iterable[Cells]) -> Cells:
    found: dict[str, Rows] = {}
    for part in parts:
        for column, rows in part.items():
            found[column] = _simplest(found.get(column, NO_ROWS) | rows)
    return found


def met(one: Cells, other: Cells) -> Cells:
    """What both allow."""
    return {
        column: _simplest(frozenset(left | right for left in rows for right in other[column]))
        for column, rows in one.items()
        if column in other
    }


def any_of(cells: Cells) -> Rows:
    """The rows of which something can be seen."""
    return _simplest(frozenset().union(*cells.values()))


def every_of(cells: Cells) -> Rows:
    """The rows of which everything can be seen."""
    found = ALL_ROWS
    for rows in set(cells.values()):
        found = _simplest(frozenset(left | right for left in found for right in rows))
    return found


def to_sql(rows: Rows) -> str | None:
    """None for all rows."""
    if rows == ALL_ROWS:
        return None
    return " OR ".join(sorted("(" + " AND ".join(sorted(terms)) + ")" for terms in rows))


def _simplest(rows: Rows) -> Rows:
    """A conjunction that contains another adds nothing."""
    return frozenset(terms for terms in rows if not any(other < terms for other in rows))
