"""The narrowed SELECTs of one principal on one table, and what granting and revoking does to them. Pure.

Whether AWS lists several column grants as one row or several is not known, so both are played: merged,
columns with equal rights are one selection; unmerged, each grant keeps its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mocklake.lakeformation.resources import Columns


@dataclass(frozen=True)
class Selection:
    """`held`: may read; `grantable`: may pass on. Either can be revoked alone, one always remains."""

    columns: Columns
    held: bool
    grantable: bool


def add(selections: Sequence[Selection], new: Selection, *, merge: bool) -> list[Selection]:
    if merge:
        return _merged([*selections, new])
    same = [one for one in selections if one.columns == new.columns]
    if not same:
        return [*selections, new]
    both = replace(new, held=new.held or same[0].held, grantable=new.grantable or same[0].grantable)
    return [both if one == same[0] else one for one in selections]


def take(
    selections: Sequence[Selection], columns: Columns, *, held: bool, grantable: bool, merge: bool
) -> list[Selection]:
    """What is left when the right and/or its grant option is revoked on these columns."""
    left: list[Selection] = []
    for one in selections:
        hit, rest = _split(one.columns, columns)
        if rest:
            left.append(replace(one, columns=rest))
        remaining = replace(one, held=one.held and not held, grantable=one.grantable and not grantable)
        if hit and (remaining.held or remaining.grantable):
            left.append(replace(remaining, columns=hit))
    return _merged(left) if merge else left


def covers(selections: Iterable[Selection], columns: Columns, *, held: bool, grantable: bool) -> bool:
    """Every one of these columns carries the right (and the option), as revoking them demands."""
    fit = [one for one in selections if one.held >= held and one.grantable >= grantable]
    if columns.excluding:
        return any(one.columns == columns for one in fit)
    named = (one.columns.names for one in fit if not one.columns.excluding)
    return columns.names <= frozenset().union(*named)


def readable(selections: Iterable[Selection], table_columns: Sequence[str]) -> set[str]:
    return _reach((one.columns for one in selections if one.held), table_columns)


def passable(selections: Iterable[Selection], table_columns: Sequence[str]) -> set[str]:
    return _reach((one.columns for one in selections if one.grantable), table_columns)


def _reach(chosen: Iterable[Columns], table_columns: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for columns in chosen:
        found |= {name for name in table_columns if (name in columns.names) != columns.excluding}
    return found


def _split(own: Columns, other: Columns) -> tuple[Columns | None, Columns | None]:
    """The part of `own` that `other` names, and the rest; an exclusion is hit whole or not at all."""
    if own.excluding or other.excluding:
        return (own, None) if own == other else (None, own)
    hit, rest = own.names & other.names, own.names - other.names
    return (Columns(hit) if hit else None), (Columns(rest) if rest else None)


def _merged(selections: Iterable[Selection]) -> list[Selection]:
    rights: dict[str, tuple[bool, bool]] = {}
    exclusions: dict[tuple[bool, bool], frozenset[str]] = {}
    for one in selections:
        right = (one.held, one.grantable)
        if one.columns.excluding:
            exclusions[right] = exclusions.get(right, one.columns.names) & one.columns.names
            continue
        for name in one.columns.names:
            before = rights.get(name, (False, False))
            rights[name] = (before[0] or right[0], before[1] or right[1])
    grouped: defaultdict[tuple[bool, bool], set[str]] = defaultdict(set)
    for name, right in rights.items():
        grouped[right].add(name)
    included = [Selection(Columns(frozenset(names)), *right) for right, names in grouped.items()]
    return included + [
        Selection(Columns(names, excluding=True), *right) for right, names in exclusions.items()
    ]
