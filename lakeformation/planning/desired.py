"""The desired state: the union of what live intents want, each atom with its justification.

An account grant is what an owner granted to an account as a whole. A reader sees what both sides grant (AWS,
"cross-account notes"). AWS keeps subgrants when the account grant goes; a later one would revive them. So
each subgrant ends with its account grant, by comparing times, whatever its own row says.

An opt-in gives nothing. It makes Lake Formation decide for one principal on one table (AWS, "hybrid access mode"), and that
it decides is what every approval assumes. So a mode that became known or changed later needs no new approval.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TypeGuard, TypeVar

from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.observation.reading import Observation
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DESCRIBE, SELECT, DataCatalog, OptIn, Permission
from lakeformation.values.resource_links import Link, LinkDatabase, Share


@dataclass(frozen=True)
class IntentSpec:
    """An intent as the engine sees it. `approved` are the atoms of the effects that were approved,
    `approved_filter` the data cells filter among them.

    `was_applied`: something was sent to AWS for its sake, or it was seen to be true. What the principal
    of one that never was applied holds is somebody else's doing.
    """

    intent_id: int
    access: Access
    approved: tuple[tuple[Permission, ColumnSet], ...]
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    was_applied: bool = True
    approved_filter: CellsFilter | None = None

    def is_live(self, now: datetime) -> bool:
        """Compares times; does not depend on a state change."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)

    def get_approved_columns(self, permission: Permission) -> ColumnSet:
        """The columns of a permission that the approved effects allow; NONE when it is not among them. Links
        may have other names by now: a name in the consumer's catalog gives nothing.
        """
        if self.access.previous_link_naming and any(
            permission == one for one, _ in self.access.list_link_permissions()
        ):
            return ALL_COLUMNS
        union = NO_COLUMNS
        for atom, columns in self.approved:
            if atom == permission:
                union |= columns
        return union


@dataclass
class Justification:
    """Atoms with, by intent, the part that each justifies."""

    permissions: dict[Permission, dict[int, ColumnSet]] = field(default_factory=dict)
    filters: dict[CellsFilter, set[int]] = field(default_factory=dict)
    opt_ins: dict[OptIn, set[int]] = field(default_factory=dict)
    links: dict[Link, set[int]] = field(default_factory=dict)
    link_databases: dict[LinkDatabase, set[int]] = field(default_factory=dict)
    shares: dict[Share, set[int]] = field(default_factory=dict)

    def get_columns(self, permission: Permission) -> ColumnSet:
        """The union of the columns justified for a permission; NONE when nobody wants it."""
        parts = self.permissions.get(permission)
        return reduce(or_, parts.values()) if parts else NO_COLUMNS

    def list_intents(self, permission: Permission, columns: ColumnSet) -> tuple[int, ...]:
        """The intents that justify some of the columns, in order."""
        parts = self.permissions.get(permission, {})
        return tuple(sorted(intent for intent, part in parts.items() if part & columns))


def build_justification(specs: Iterable[IntentSpec]) -> Justification:
    """Merge the intents: SELECT on a table is one atom for each principal, justified column by column."""
    result = Justification()
    for spec in specs:
        access = spec.access
        for permission, columns in access.permissions:
            result.permissions.setdefault(permission, {})[spec.intent_id] = columns
        if access.cells_filter:
            result.filters.setdefault(access.cells_filter, set()).add(spec.intent_id)
        if access.opt_in:
            result.opt_ins.setdefault(access.opt_in, set()).add(spec.intent_id)
        for link in access.links:
            result.links.setdefault(link, set()).add(spec.intent_id)
        if access.link_database:
            result.link_databases.setdefault(access.link_database, set()).add(spec.intent_id)
        if access.share:
            result.shares.setdefault(access.share, set()).add(spec.intent_id)
    return result


@dataclass(frozen=True)
class DesiredState:
    """`wanted` by live intents; `former`, what ended or stale ones justified and may still be there.

    `ended`: intents that have ended. `implied_describes`: DESCRIBE on tables that live intents want and that a SELECT gives already, by intent.
    """

    wanted: Justification
    former: Justification
    stale_reasons: dict[int, str]
    implied_describes: dict[Permission, tuple[int, ...]] = field(default_factory=dict)
    ended: frozenset[int] = frozenset()


def build_desired_state(specs: Iterable[IntentSpec], observed: Observation, *, now: datetime) -> DesiredState:
    """Split the intents into wanted and former state.

    A stale intent is treated as an ended one: its permissions are removed, nothing is repaired.
    """
    live, ended, stale = [], [], {}
    for spec in specs:
        if not spec.is_live(now):
            ended.append(spec)
        elif reason := observed.get_stale_reason(spec.access):
            stale[spec.intent_id] = reason
            ended.append(spec)
        else:
            live.append(spec)
    justification = build_justification(live)
    former = build_justification(add_previous_link_naming(spec for spec in ended if spec.was_applied))
    _keep_previous_links(live, justification, former, observed)
    adopted = (spec.access.adoption for spec in live if spec.access.adoption and spec.access.opens_data)
    kept = {permission for one in adopted for permission, _columns in one.companion_permissions}
    implied = _remove_implied(justification, former, observed, kept)
    over = frozenset(spec.intent_id for spec in ended) - stale.keys()
    return DesiredState(justification, former, stale, implied, over)


def add_previous_link_naming(specs: Iterable[IntentSpec]) -> Iterator[IntentSpec]:
    """The intents, and each whose link naming changed also with its previous naming."""
    for spec in specs:
        yield spec
        if spec.access.previous_link_naming:
            yield replace(spec, access=spec.access.previous_link_naming)


def _keep_previous_links(
    live: Iterable[IntentSpec], wanted: Justification, former: Justification, observed: Observation
) -> None:
    """Keep old links until the new ones exist, then let them be removed."""
    for spec in live:
        if not (left := spec.access.previous_link_naming):
            continue
        into = former if _has_new_links(spec.access, observed) else wanted
        for permission, columns in left.list_link_permissions():
            if permission in observed.held:
                into.permissions.setdefault(permission, {})[spec.intent_id] = columns
        for link in observed.links.intersection(left.links):
            into.links.setdefault(link, set()).add(spec.intent_id)
        if left.link_database in observed.link_databases:
            into.link_databases.setdefault(left.link_database, set()).add(spec.intent_id)


def _has_new_links(access: Access, observed: Observation) -> bool:
    is_there = observed.links.issuperset(access.links)
    return is_there and all(
        permission in observed.held for permission, _columns in access.list_link_permissions()
    )


def _remove_implied(
    wanted: Justification, former: Justification, observed: Observation, adopted: Collection[Permission]
) -> dict[Permission, tuple[int, ...]]:
    """Take out DESCRIBE where a SELECT that stays gives it: AWS's documents forbid it beside a partial one.

    What is held of it counts as former from then on. It is wanted again as soon as the SELECT ends. What was
    `adopted` with its SELECT stays: AWS holds the two together, so it takes them.
    """
    described = [p for p in wanted.permissions if p.verb == DESCRIBE and p.table and p not in adopted]
    if not described:
        return {}
    staying = (one for one, columns in observed.held.items() if columns - former.get_columns(one))
    selected = list_selected_tables(wanted.permissions) | list_selected_tables(staying)
    implied = {p: tuple(sorted(wanted.permissions[p])) for p in described if get_table_key(p) in selected}
    for permission in implied:
        former.permissions.setdefault(permission, {}).update(wanted.permissions.pop(permission))
    return implied


def list_selected_tables(permissions: Iterable[Permission]) -> set[tuple[DataCatalog, str, str, str, str]]:
    """Holders and tables of each unconditional SELECT, which implies DESCRIBE on the table."""
    return {
        get_table_key(permission)
        for permission in permissions
        if permission.verb == SELECT and not permission.condition
    }


def get_table_key(permission: Permission) -> tuple[DataCatalog, str, str, str, str]:
    """Who holds it, on what, and in whose list: what an account passes on stands apart from what the owner gave, and
    neither is in the way of the other, nor takes its place.
    """
    return (
        permission.catalog,
        permission.principal,
        permission.database,
        permission.table,
        permission.passed_on_by,
    )


EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)


def limit_to_account_grants(specs: Iterable[IntentSpec]) -> list[IntentSpec]:
    """The intents of a share scope; subgrants are ended where their account grant is."""
    every = list(specs)
    by_intent = {spec.intent_id: spec for spec in every}
    return [
        _limit_to_account_grant(spec, by_intent.get(spec.access.account_grant))
        if spec.access.account_grant
        else spec
        for spec in every
    ]


def is_within_account_grant(access: Access, account_grant: Access) -> bool:
    """Whether the account grant covers all of the subgrant. Of a row filter, all cells or none: AWS passes on
    a data cells filter as it is. Nothing is passed on of what reaches many tables.
    """
    if not (isinstance(access, TableAccess) and isinstance(account_grant, TableAccess)):
        return False
    if not account_grant.is_account_grant or _get_limits(access) != _get_limits(account_grant):
        return False
    if account_grant.row_filter:
        return access.columns == account_grant.columns
    return access.columns <= account_grant.grantable_columns


def _get_limits(access: TableAccess) -> tuple[Hashable, ...]:
    """What a subgrant has in common with its account grant."""
    return (
        access.consumer,
        access.owner_catalog,
        access.target,
        access.table_created,
        access.row_filter,
        access.opens_data,
    )


def _limit_to_account_grant(spec: IntentSpec, account_grant: IntentSpec | None) -> IntentSpec:
    if account_grant is None or not is_within_account_grant(spec.access, account_grant.access):
        return replace(spec, ended_at=spec.ended_at or EARLIEST_TIME)
    ends = [end for end in (spec.expires_at, account_grant.expires_at) if end]
    return replace(
        spec, ended_at=spec.ended_at or account_grant.ended_at, expires_at=min(ends) if ends else None
    )


def apply_observed_mode(
    specs: Iterable[IntentSpec], observed: Observation, *, now: datetime
) -> list[IntentSpec]:
    """The intents of a share scope, with an opt-in where the data are seen in hybrid access mode or the
    intent ended: its location may have left that mode after the opt-in.
    """
    every = list(specs)
    if not (observed.hybrid_locations or observed.opt_ins):
        return every
    return [
        replace(spec, access=replace(access, in_hybrid_mode=True))
        if needs_opt_in(access := spec.access) and (not spec.is_live(now) or observed.is_hybrid(access))
        else spec
        for spec in every
    ]


def needs_opt_in(access: Access) -> TypeGuard[TableAccess]:
    """Whether it is of one table for one role or user: of what reaches many, each table would have to be opted in to, and
    of an account grant each reader.
    """
    return isinstance(access, TableAccess) and not (access.is_account_grant or access.account_grant)


Atom = TypeVar("Atom")


def find_successors(ended: Collection[int], desired: DesiredState, observation: Observation) -> set[int]:
    """Live intents that want something held that the `ended` intents justified.

    They count as applied from then on, so that it is removed when they end.
    """
    former, wanted = desired.former, desired.wanted
    return {
        *_find_permission_successors(ended, desired, observation),
        *_find_atom_successors(ended, former.opt_ins, wanted.opt_ins, observation.opt_ins),
        *_find_atom_successors(ended, former.links, wanted.links, observation.links),
        *_find_atom_successors(
            ended, former.link_databases, wanted.link_databases, observation.link_databases
        ),
    }


def _find_permission_successors(
    ended: Collection[int], desired: DesiredState, observation: Observation
) -> Iterator[int]:
    for permission in desired.former.permissions.keys() & desired.wanted.permissions.keys():
        left = NO_COLUMNS
        for intent, columns in desired.former.permissions[permission].items():
            if intent in ended:
                left |= columns
        yield from desired.wanted.list_intents(
            permission, left & observation.held.get(permission, NO_COLUMNS)
        )


def _find_atom_successors(
    ended: Collection[int],
    former: Mapping[Atom, set[int]],
    wanted: Mapping[Atom, set[int]],
    atoms: Collection[Atom],
) -> Iterator[int]:
    for atom in former.keys() & wanted.keys():
        if atom in atoms and not former[atom].isdisjoint(ended):
            yield from wanted[atom]
