"""A permission that nobody here justifies, taken away because a person said so: that one, and nothing beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.planning.changes import BATCH, Change, Step
from lakeformation.planning.desired import Justified, Wish, justify
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, SELECT, Held, Permission


@dataclass(frozen=True)
class Removal:
    """Of a permission with grant option, the permission goes as well, after the option."""

    intent: int
    permission: Permission
    columns: ColumnSet

    def to_json(self) -> dict[str, Any]:
        """What its intent wants; see `from_json`."""
        return {"remove": self.permission.to_json(), "columns": self.columns.to_json()}

    @classmethod
    def from_json(cls, intent: int, value: Mapping[str, Any]) -> "Removal":
        return cls(intent, Permission.from_json(value["remove"]), ColumnSet.from_json(value["columns"]))

    @property
    def atoms(self) -> tuple[Permission, ...]:
        """Without the option first: what is gone from a reading is gone as both."""
        if not self.permission.grantable:
            return (self.permission,)
        return replace(self.permission, grantable=False), self.permission


def left_of(removal: Removal, held: Held, live: Justified) -> dict[Permission, ColumnSet]:
    """What is still there of it and no live wish justifies: a grant that was agreed to since keeps its columns."""
    left = {atom: (held.get(atom, NONE) & removal.columns) - live.columns(atom) for atom in removal.atoms}
    return {atom: columns for atom, columns in left.items() if columns}


def keepers(wanted: Iterable[Removal], held: Held, live: Justified) -> set[int]:
    """The live wishes for whose sake some of it stays: theirs from here on, as if it had been granted to them."""
    return {
        intent
        for one in wanted
        for atom in one.atoms
        for intent in live.intents(atom, held.get(atom, NONE) & one.columns)
    }


def not_ordered(held: Held, wanted: Iterable[Removal]) -> Held:
    """What of it nobody ordered to be removed."""
    left = dict(held)
    for one in wanted:
        for atom in one.atoms:
            left[atom] = left.get(atom, NONE) - one.columns
    return {atom: columns for atom, columns in left.items() if columns}


def removals(wanted: Iterable[Removal], held: Held, live: Iterable[Wish]) -> list[Step]:
    """The revokes that are left to send, batched. One of every column, of which a grant justifies some, waits: AWS
    revokes it whole, and the grant would lose its columns for a while.
    """
    justified = justify(live)
    changes = [
        _revoke(atom, columns, held[atom], one.intent)
        for one in wanted
        for atom, columns in reversed(left_of(one, held, justified).items())
        if not (held[atom].but and columns != held[atom])
    ]
    return [
        Step("BatchRevokePermissions", changes[start].place, tuple(changes[start : start + BATCH]))
        for start in range(0, len(changes), BATCH)
    ]


def _revoke(atom: Permission, gone: ColumnSet, held: ColumnSet, intent: int) -> Change:
    """A SELECT names its columns; what was granted on every column is revoked in one piece."""
    is_cut = atom.verb == SELECT and atom.table not in {"", ALL_TABLES} and not atom.cells_filter
    columns = held if held.but else gone
    return Change("revoke", atom.place, atom.resource, atom, columns if is_cut else None, (intent,))
