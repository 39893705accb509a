"""The calls that a catalog needs: registered tables, prerequisites of grants, and removals that a person ordered.

A table that differs from what was registered is reported and never overwritten: the producer's engineers may alter
it, and nobody has approved to undo that. Only an approved schema update changes its columns and storage, and only from those
that it was approved to replace. A table or database of somebody else is left alone. Nothing is deleted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, is_path_covered
from lakeformation.observation.registered_names import (
    ObservedNames,
    awaits_update,
    describe_differences,
    describe_moves,
)
from lakeformation.planning.changes import MAX_BATCH_ENTRIES, PlannedChange, Step
from lakeformation.planning.desired import IntentSpec, Justification, build_justification
from lakeformation.values.arn import Location
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import ALL_TABLES, SELECT, HeldPermissions, Permission
from lakeformation.values.registered_tables import RegisteredDatabase, RegisteredTable

TableOrDatabase = tuple[str, str]
"""Database and table; the table is empty for the database itself."""


@dataclass(frozen=True)
class RegistrationSpec:
    """A registration's intent in the catalog scope, as the engine sees it. `is_proven`: the table was there as wanted, so a
    difference since then is somebody's change. `was_proven`: it was so once, even if that is not known now.
    """

    intent_id: int
    table: RegisteredTable
    ended_at: datetime | None = None
    is_proven: bool = False
    was_proven: bool = False

    @property
    def is_live(self) -> bool:
        """A registration has no end of its own."""
        return self.ended_at is None


@dataclass
class RegistrationPlan:
    """`steps` in order. `problems`, by intent, why a person has to look."""

    steps: list[Step] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)

    @property
    def affected_intents(self) -> set[int]:
        """Intents with a change or a problem; none of them is proven."""
        return {i for step in self.steps for change in step.changes for i in change.intents} | set(
            self.problems
        )


def plan_registered_tables(
    specs: Iterable[RegistrationSpec], names: ObservedNames, registered: frozenset[str], held: HeldPermissions
) -> RegistrationPlan:
    """Register locations, make databases, then tables, update columns, and take all from IAMAllowedPrincipals.

    `registered` are the ARNs of the registered locations, `held` the permissions in the catalog.
    """
    result = RegistrationPlan()
    live = sorted((one for one in specs if one.is_live), key=lambda one: one.intent_id)
    for spec in live:
        if problem := _find_problem(spec, names):
            result.problems[spec.intent_id] = problem
    clear = [spec for spec in live if spec.intent_id not in result.problems]
    result.steps += _list_revokes(clear, names, held)
    result.steps += _list_locations(clear, registered)
    result.steps += _list_databases(clear, names)
    result.steps += [
        _build_step("CreateTable", "make table", spec.table, {spec.intent_id})
        for spec in clear
        if (spec.table.database, spec.table.name) not in names.tables
    ]
    result.steps += [
        _build_step("UpdateTable", "update table", spec.table, {spec.intent_id})
        for spec in clear
        if _is_update_due(spec, names)
    ]
    return result


def _is_update_due(spec: RegistrationSpec, names: ObservedNames) -> bool:
    table = names.tables.get((spec.table.database, spec.table.name))
    return table is not None and not spec.is_proven and awaits_update(spec.table, table)


def _find_problem(spec: RegistrationSpec, names: ObservedNames) -> str:
    """Why the table is not made, or not as it was registered, as a sentence without its stop; empty for no problem."""
    table = spec.table
    name, database = f"{table.database}.{table.name}", names.databases.get(table.database)
    found = names.tables.get((table.database, table.name))
    if found is not None and found.mark != table.mark:
        return f"the name {name} is taken by a table that was not made for this registration"
    if _is_update_due(spec, names):
        return ""
    if found is not None:
        moves = () if spec.was_proven else describe_moves(table, found)
        differences = "; ".join((*describe_differences(table, found), *moves))
        return f"{name} is not as it was registered: {differences}" if differences else ""
    if database is not None and database.opens_new_tables:
        return f"database {table.database} gives default permissions to each new table, so {name} is not made in it"
    return ""


def _list_locations(specs: Iterable[RegistrationSpec], registered: frozenset[str]) -> list[Step]:
    needed: dict[Location, set[int]] = {}
    for spec in specs:
        location = spec.table.data_location
        if not any(is_path_covered(arn, location.arn) for arn in registered):
            needed.setdefault(location, set()).add(spec.intent_id)
    return [
        Step(
            "RegisterResource",
            one.catalog,
            (PlannedChange("register", one.catalog, one.arn, one, None, tuple(sorted(intents))),),
        )
        for one, intents in sorted(needed.items())
    ]


def _list_databases(specs: Iterable[RegistrationSpec], names: ObservedNames) -> list[Step]:
    needed: dict[RegisteredDatabase, set[int]] = {}
    for spec in specs:
        if spec.table.database not in names.databases:
            needed.setdefault(spec.table.container, set()).add(spec.intent_id)
    return [
        _build_step("CreateDatabase", "make database", one, intents)
        for one, intents in sorted(needed.items())
    ]


def _list_revokes(
    specs: Iterable[RegistrationSpec], names: ObservedNames, held: HeldPermissions
) -> list[Step]:
    """Revokes of IAMAllowedPrincipals on what the portal made, for which "nobody but the engineers" was approved."""
    ours: dict[TableOrDatabase, set[int]] = {}
    for spec in specs:
        table, database = spec.table, names.databases.get(spec.table.database)
        if (table.database, table.name) in names.tables:
            ours.setdefault((table.database, table.name), set()).add(spec.intent_id)
        if database is not None and database.is_ours:
            ours.setdefault((table.database, ""), set()).add(spec.intent_id)
    changes = [
        PlannedChange("revoke", one.catalog, one.resource, one, None, tuple(sorted(intents)))
        for one in sorted((p for p in held if p.principal == IAM_ALLOWED_PRINCIPALS), key=repr)
        if (intents := ours.get((one.database, one.table)))
    ]
    return [Step("BatchRevokePermissions", change.catalog, (change,)) for change in changes]


def _build_step(
    operation: str, action: str, atom: RegisteredDatabase | RegisteredTable, intents: set[int]
) -> Step:
    change = PlannedChange(action, atom.catalog, atom.resource, atom, None, tuple(sorted(intents)))
    return Step(operation, atom.catalog, (change,))


def exclude_planned_locations(steps: Iterable[Step], others: Iterable[Step]) -> list[Step]:
    """The steps without those that register a location which `others` register already."""
    taken = {change.resource for step in others for change in step.changes if change.action == "register"}
    return [
        step
        for step in steps
        if step.operation != "RegisterResource" or step.changes[0].resource not in taken
    ]


def plan_registrations(
    specs: Iterable[IntentSpec], registered: frozenset[str], *, now: datetime
) -> list[Step]:
    """One step for each data location that live intents need and nobody registered.

    A location stays registered when its last intent ends: other readers may rely on it by then.
    """
    needed: dict[Location, set[int]] = {}
    for spec in specs:
        for location in spec.access.registrations if spec.is_live(now) else ():
            if not any(is_path_covered(arn, location.arn) for arn in registered):
                needed.setdefault(location, set()).add(spec.intent_id)
    return [
        Step(
            "RegisterResource",
            location.catalog,
            (
                PlannedChange(
                    "register", location.catalog, location.arn, location, None, tuple(sorted(intents))
                ),
            ),
        )
        for location, intents in sorted(needed.items())
    ]


def plan_filters(
    specs: Iterable[IntentSpec],
    filters: Mapping[FilterKey, CellsFilter],
    held: HeldPermissions,
    *,
    now: datetime,
) -> list[Step]:
    """Make the data cells filters that live intents need; remove those that only ended ones needed.

    A filter that anyone holds is never removed: whoever it is would lose access. One of ours that somebody
    changed is removed and made anew, once its holders have let go of it. `specs` are live and ended ones.
    """
    wanted: dict[CellsFilter, set[int]] = {}
    former: dict[FilterKey, set[int]] = {}
    for spec in specs:
        one = spec.access.cells_filter
        if one is None:
            continue
        if spec.is_live(now):
            wanted.setdefault(one, set()).add(spec.intent_id)
        elif spec.was_applied:
            former.setdefault(one.key, set()).add(spec.intent_id)
    in_use = {(p.database, p.table, p.cells_filter) for p in held if p.cells_filter}
    return [
        *_plan_filter_deletions(wanted, former, filters, in_use),
        *_plan_filter_creations(wanted, filters, in_use),
    ]


def _plan_filter_deletions(
    wanted: Mapping[CellsFilter, set[int]],
    former: Mapping[FilterKey, set[int]],
    filters: Mapping[FilterKey, CellsFilter],
    in_use: set[FilterKey],
) -> Iterator[Step]:
    reasons = {**former, **{one.key: intents for one, intents in wanted.items()}}
    for key in sorted(reasons):
        if key in filters and key not in in_use and filters[key] not in wanted:
            yield _build_prerequisite_step("DeleteDataCellsFilter", "unfilter", filters[key], reasons[key])


def _plan_filter_creations(
    wanted: Mapping[CellsFilter, set[int]], filters: Mapping[FilterKey, CellsFilter], in_use: set[FilterKey]
) -> Iterator[Step]:
    for one in sorted(wanted, key=lambda one: one.key):
        found = filters.get(one.key)
        if found is None or (found != one and one.key not in in_use):
            yield _build_prerequisite_step("CreateDataCellsFilter", "filter", one, wanted[one])


def _build_prerequisite_step(operation: str, action: str, one: CellsFilter, intents: set[int]) -> Step:
    change = PlannedChange(action, one.catalog, one.resource, one, None, tuple(sorted(intents)))
    return Step(operation, one.catalog, (change,))


@dataclass(frozen=True)
class Removal:
    """If the permission has the grant option, the permission goes as well, after the option."""

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
        for removal in wanted
        for atom in removal.atoms
        for intent in live.list_intents(atom, held.get(atom, NO_COLUMNS) & removal.columns)
    }


def exclude_removals(held: HeldPermissions, wanted: Iterable[Removal]) -> HeldPermissions:
    """The held permissions without those ordered to be removed."""
    left = dict(held)
    for removal in wanted:
        for atom in removal.atoms:
            left[atom] = left.get(atom, NO_COLUMNS) - removal.columns
    return {atom: columns for atom, columns in left.items() if columns}


def plan_removals(wanted: Iterable[Removal], held: HeldPermissions, live: Iterable[IntentSpec]) -> list[Step]:
    """The revokes that are left to send, batched. One of every column, of which a grant justifies some, waits: AWS
    revokes it whole, and the grant would lose its columns for a while.
    """
    justified = build_justification(live)
    changes = [
        _build_revoke(atom, columns, held[atom], removal.intent)
        for removal in wanted
        for atom, columns in reversed(find_remaining_columns(removal, held, justified).items())
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
