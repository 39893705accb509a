"""The calls that make registered tables, and what stands in their way.

A table that differs from what was registered is reported and never overwritten: the producer's engineers may alter
it, and nobody has approved to undo that. Only an approved schema update changes its columns and storage, and only from those
that it was approved to replace. A table or database of somebody else is left alone. Nothing is deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, is_path_covered
from lakeformation.observation.registered_names import (
    ObservedNames,
    awaits_update,
    describe_differences,
    describe_moves,
)
from lakeformation.planning.changes import PlannedChange, Step
from lakeformation.values.locations import Location
from lakeformation.values.permissions import HeldPermissions
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
    specs: Iterable[RegistrationSpec], seen: ObservedNames, registered: frozenset[str], held: HeldPermissions
) -> RegistrationPlan:
    """Register locations, make databases, then tables, update columns, and take all from IAMAllowedPrincipals.

    `registered` are the ARNs of the registered locations, `held` the permissions in the catalog.
    """
    result = RegistrationPlan()
    live = sorted((one for one in specs if one.is_live), key=lambda one: one.intent_id)
    for spec in live:
        if problem := _find_problem(spec, seen):
            result.problems[spec.intent_id] = problem
    clear = [spec for spec in live if spec.intent_id not in result.problems]
    result.steps += _list_revokes(clear, seen, held)
    result.steps += _list_locations(clear, registered)
    result.steps += _list_databases(clear, seen)
    result.steps += [
        _build_step("CreateTable", "make table", spec.table, {spec.intent_id})
        for spec in clear
        if (spec.table.database, spec.table.name) not in seen.tables
    ]
    result.steps += [
        _build_step("UpdateTable", "update table", spec.table, {spec.intent_id})
        for spec in clear
        if _is_update_due(spec, seen)
    ]
    return result


def _is_update_due(spec: RegistrationSpec, seen: ObservedNames) -> bool:
    found = seen.tables.get((spec.table.database, spec.table.name))
    return found is not None and not spec.is_proven and awaits_update(spec.table, found)


def _find_problem(spec: RegistrationSpec, seen: ObservedNames) -> str:
    """Why the table is not made, or not as it was registered, as a sentence without its stop; empty for no problem."""
    table = spec.table
    name, database = f"{table.database}.{table.name}", seen.databases.get(table.database)
    found = seen.tables.get((table.database, table.name))
    if found is not None and found.mark != table.mark:
        return f"the name {name} is taken by a table that was not made for this registration"
    if _is_update_due(spec, seen):
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


def _list_databases(specs: Iterable[RegistrationSpec], seen: ObservedNames) -> list[Step]:
    needed: dict[RegisteredDatabase, set[int]] = {}
    for spec in specs:
        if spec.table.database not in seen.databases:
            needed.setdefault(spec.table.container, set()).add(spec.intent_id)
    return [
        _build_step("CreateDatabase", "make database", one, intents)
        for one, intents in sorted(needed.items())
    ]


def _list_revokes(
    specs: Iterable[RegistrationSpec], seen: ObservedNames, held: HeldPermissions
) -> list[Step]:
    """Of IAMAllowedPrincipals on what the portal made, for which "nobody but the engineers" was approved."""
    ours: dict[TableOrDatabase, set[int]] = {}
    for spec in specs:
        table, database = spec.table, seen.databases.get(spec.table.database)
        if (table.database, table.name) in seen.tables:
            ours.setdefault((table.database, table.name), set()).add(spec.intent_id)
        if database is not None and database.is_ours:
            ours.setdefault((table.database, ""), set()).add(spec.intent_id)
    changes = [
        PlannedChange("revoke", one.catalog, one.resource, one, None, tuple(sorted(intents)))
        for one in sorted((p for p in held if p.principal == IAM_ALLOWED_PRINCIPALS), key=repr)
        if (intents := ours.get((one.database, one.table)))
    ]
    return [Step("BatchRevokePermissions", one.catalog, (one,)) for one in changes]


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
