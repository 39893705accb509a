"""Removal of an unmanaged permission that a person ordered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.planning.changes import MAX_BATCH_ENTRIES, PlannedChange, Step
from lakeformation.planning.desired import IntentSpec, Justification, build_justification
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import ALL_TABLES, SELECT, HeldPermissions, Permission


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
        """The permission without the grant option first, then with it."""
        if not self.permission.grantable:
            return (self.permission,)
        return replace(self.permission, grantable=False), self.permission


def find_remaining_columns(
    removal: Removal, held: HeldPermissions, live: Justification
) -> dict[Permission, ColumnSet]:
    """What is still held of it and no live intent justifies: grants approved since keep their columns."""
    left = {
        atom: (held.get(atom, NO_COLUMNS) & removal.columns) - live.get_columns(atom)
        for atom in removal.atoms
    }
    return {atom: columns for atom, columns in left.items() if columns}


def find_justifying_intents(
    wanted: Iterable[Removal], held: HeldPermissions, live: Justification
) -> set[int]:
    """Live intents that justify some of it; they count as applied from then on."""
    return {
        intent
        for one in wanted
        for atom in one.atoms
        for intent in live.list_intents(atom, held.get(atom, NO_COLUMNS) & one.columns)
    }


def exclude_removals(held: HeldPermissions, wanted: Iterable[Removal]) -> HeldPermissions:
    """The held permissions without those ordered to be removed."""
    left = dict(held)
    for one in wanted:
        for atom in one.atoms:
            left[atom] = left.get(atom, NO_COLUMNS) - one.columns
    return {atom: columns for atom, columns in left.items() if columns}


def plan_removals(wanted: Iterable[Removal], held: HeldPermissions, live: Iterable[IntentSpec]) -> list[Step]:
    """The revokes that are left to send, batched. One of every column, of which a grant justifies some, waits: AWS
    revokes it whole, and the grant would lose its columns for a while.
    """
    justified = build_justification(live)
    changes = [
        _build_revoke(atom, columns, held[atom], one.intent)
        for one in wanted
        for atom, columns in reversed(find_remaining_columns(one, held, justified).items())
        if not (held[atom].is_exclusion and columns != held[atom])
    ]
    return [
        Step(
            "BatchRevokePermissions",
            changes[start].catalog,
            tuple(changes[start : start + MAX_BATCH_ENTRIES]),
        )
        for start in range(0, len(changes), MAX_BATCH_ENTRIES)
    ]


def _build_revoke(atom: Permission, gone: ColumnSet, held: ColumnSet, intent: int) -> PlannedChange:
    """A SELECT names its columns; one on every column is revoked as a whole."""
    is_cut = atom.verb == SELECT and atom.table not in {"", ALL_TABLES} and not atom.cells_filter
    columns = held if held.is_exclusion else gone
    return PlannedChange("revoke", atom.catalog, atom.resource, atom, columns if is_cut else None, (intent,))
