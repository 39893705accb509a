"""The narrowed SELECTs of one principal on one table, and which cells they let read. Pure.

Whether AWS lists several column grants as one row or several is not known, so both are played: merged,
columns with equal rights are one selection; unmerged, each grant keeps its own.

Rows are a disjunction of conjunctions of SQL conditions, so that grants can be united and two accounts'
grants be met. A cell outside is NULL in a row that another column shows (GetUnfilteredTableMetadata answers
a filter for each column); a row that no column shows is not there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mocklake.lakeformation.resources import Columns

Rows = frozenset[frozenset[str]]
Cells = Mapping[str, Rows]
ALL_ROWS: Rows = frozenset([frozenset[str]()])
NO_ROWS: Rows = frozenset()


@dataclass(frozen=True)
class Selection:
    """`held`: may read; `grantable`: may pass on. Either can be revoked alone, one always remains."""

    columns: Columns
    held: bool
    grantable: bool


def add_selection(selections: Sequence[Selection], new: Selection, *, merge: bool) -> list[Selection]:
    if merge:
        return _merge_selections([*selections, new])
    same = [selection for selection in selections if selection.columns == new.columns]
    if not same:
        return [*selections, new]
    both = replace(new, held=new.held or same[0].held, grantable=new.grantable or same[0].grantable)
    return [both if selection == same[0] else selection for selection in selections]


def take_selection(
    selections: Sequence[Selection], columns: Columns, *, held: bool, grantable: bool, merge: bool
) -> list[Selection]:
    """What is left when the right and/or its grant option is revoked on these columns."""
    left: list[Selection] = []
    for selection in selections:
        hit, rest = _split_columns(selection.columns, columns)
        if rest:
            left.append(replace(selection, columns=rest))
        remaining = replace(
            selection, held=selection.held and not held, grantable=selection.grantable and not grantable
        )
        if hit and (remaining.held or remaining.grantable):
            left.append(replace(remaining, columns=hit))
    return _merge_selections(left) if merge else left


def covers_columns(selections: Iterable[Selection], columns: Columns, *, held: bool, grantable: bool) -> bool:
    """Every one of these columns carries the right (and the option), as revoking them demands."""
    fit = [
        selection for selection in selections if selection.held >= held and selection.grantable >= grantable
    ]
    if columns.excluding:
        return any(one.columns == columns for one in fit)
    named = (one.columns.names for one in fit if not one.columns.excluding)
    return columns.names <= frozenset().union(*named)


def list_readable(selections: Iterable[Selection], table_columns: Sequence[str]) -> set[str]:
    return _list_reached((selection.columns for selection in selections if selection.held), table_columns)


def list_passable(selections: Iterable[Selection], table_columns: Sequence[str]) -> set[str]:
    return _list_reached(
        (selection.columns for selection in selections if selection.grantable), table_columns
    )


def _list_reached(chosen: Iterable[Columns], table_columns: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for columns in chosen:
        found |= {name for name in table_columns if (name in columns.names) != columns.excluding}
    return found


def _split_columns(own: Columns, other: Columns) -> tuple[Columns | None, Columns | None]:
    """The part of `own` that `other` names, and the rest; an exclusion is hit whole or not at all."""
    if own.excluding or other.excluding:
        return (own, None) if own == other else (None, own)
    hit, rest = own.names & other.names, own.names - other.names
    return (Columns(hit) if hit else None), (Columns(rest) if rest else None)


def _merge_selections(selections: Iterable[Selection]) -> list[Selection]:
    rights: dict[str, tuple[bool, bool]] = {}
    exclusions: dict[tuple[bool, bool], frozenset[str]] = {}
    for selection in selections:
        right = (selection.held, selection.grantable)
        if selection.columns.excluding:
            exclusions[right] = exclusions.get(right, selection.columns.names) & selection.columns.names
            continue
        for name in selection.columns.names:
            before = rights.get(name, (False, False))
            rights[name] = (before[0] or right[0], before[1] or right[1])
    grouped: defaultdict[tuple[bool, bool], set[str]] = defaultdict(set)
    for name, right in rights.items():
        grouped[right].add(name)
    included = [Selection(Columns(frozenset(names)), *right) for right, names in grouped.items()]
    return included + [
        Selection(Columns(names, excluding=True), *right) for right, names in exclusions.items()
    ]


def build_whole_cells(columns: Iterable[str], condition: str | None = None) -> Cells:
    rows = ALL_ROWS if condition is None else frozenset([frozenset([condition])])
    return dict.fromkeys(columns, rows)


def unite_cells(parts: Iterable[Cells]) -> Cells:
    found: dict[str, Rows] = {}
    for part in parts:
        for column, rows in part.items():
            found[column] = _simplify_rows(found.get(column, NO_ROWS) | rows)
    return found


def intersect_cells(one: Cells, other: Cells) -> Cells:
    """What both allow."""
    return {
        column: _simplify_rows(frozenset(left | right for left in rows for right in other[column]))
        for column, rows in one.items()
        if column in other
    }


def list_any_rows(cells: Cells) -> Rows:
    """The rows of which something can be seen."""
    return _simplify_rows(frozenset().union(*cells.values()))


def list_every_row(cells: Cells) -> Rows:
    """The rows of which everything can be seen."""
    found = ALL_ROWS
    for rows in set(cells.values()):
        found = _simplify_rows(frozenset(left | right for left in found for right in rows))
    return found


def write_rows_sql(rows: Rows) -> str | None:
    """None for all rows."""
    if rows == ALL_ROWS:
        return None
    return " OR ".join(sorted("(" + " AND ".join(sorted(terms)) + ")" for terms in rows))


def _simplify_rows(rows: Rows) -> Rows:
    """A conjunction that contains another adds nothing."""
    return frozenset(terms for terms in rows if not any(other < terms for other in rows))
