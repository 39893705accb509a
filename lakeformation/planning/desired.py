"""What shall be true now: the union of what the live intents want, each atom with its justification."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import or_

from lakeformation.access.access import Access
from lakeformation.observation.reading import Observation
from lakeformation.values.column_sets import EVERY, NONE, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DESCRIBE, SELECT, OptIn, Permission, Place
from lakeformation.values.resource_links import LandingDatabase, Link, Share


@dataclass(frozen=True)
class Wish:
    """An intent as the engine sees it. `approved` are the atoms of the effects that were approved,
    `approved_filter` the data cells filter among them.

    `was_applied`: something was sent to AWS for its sake, or it was seen to be true. What the principal
    of one that never was applied holds is somebody else's doing.
    """

    intent: int
    access: Access
    approved: tuple[tuple[Permission, ColumnSet], ...]
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    was_applied: bool = True
    approved_filter: CellsFilter | None = None

    def is_live(self, now: datetime) -> bool:
        """Expiry is this comparison; it waits for nobody's state change."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)

    def approved_columns(self, permission: Permission) -> ColumnSet:
        """The columns of a permission that the approved effects allow; NONE when it is not among them. What moved may
        land where it lands now: a name in the consumer's catalog gives nothing.
        """
        if self.access.moved and any(permission == one for one, _ in self.access.on_landing()):
            return EVERY
        union = NONE
        for atom, columns in self.approved:
            if atom == permission:
                union |= columns
        return union


@dataclass
class Justified:
    """Atoms with, by intent, the part that each justifies."""

    permissions: dict[Permission, dict[int, ColumnSet]] = field(default_factory=dict)
    filters: dict[CellsFilter, set[int]] = field(default_factory=dict)
    opt_ins: dict[OptIn, set[int]] = field(default_factory=dict)
    links: dict[Link, set[int]] = field(default_factory=dict)
    landing_databases: dict[LandingDatabase, set[int]] = field(default_factory=dict)
    shares: dict[Share, set[int]] = field(default_factory=dict)

    def columns(self, permission: Permission) -> ColumnSet:
        """The union of the columns justified for a permission; NONE when nobody wants it."""
        parts = self.permissions.get(permission)
        return reduce(or_, parts.values()) if parts else NONE

    def intents(self, permission: Permission, columns: ColumnSet) -> tuple[int, ...]:
        """The intents that justify some of the columns, in order."""
        parts = self.permissions.get(permission, {})
        return tuple(sorted(intent for intent, part in parts.items() if part & columns))


def justify(wishes: Iterable[Wish]) -> Justified:
    """Fold the wishes: SELECT on a table is one atom a principal, with a justification per column."""
    result = Justified()
    for wish in wishes:
        access = wish.access
        for permission, columns in access.permissions:
            result.permissions.setdefault(permission, {})[wish.intent] = columns
        if access.cells_filter:
            result.filters.setdefault(access.cells_filter, set()).add(wish.intent)
        if access.opt_in:
            result.opt_ins.setdefault(access.opt_in, set()).add(wish.intent)
        for link in access.links:
            result.links.setdefault(link, set()).add(wish.intent)
        if access.landing_database:
            result.landing_databases.setdefault(access.landing_database, set()).add(wish.intent)
        if access.share:
            result.shares.setdefault(access.share, set()).add(wish.intent)
    return result


@dataclass(frozen=True)
class Desired:
    """`wanted` by live intents; `former`, what ended or stale ones justified and may still be there.

    `implied`: DESCRIBE on tables that live intents want and that a SELECT gives already, by intent.
    """

    wanted: Justified
    former: Justified
    stale: dict[int, str]
    implied: dict[Permission, tuple[int, ...]] = field(default_factory=dict)


def desired(wishes: Iterable[Wish], observed: Observation, *, now: datetime) -> Desired:
    """Split the wishes into what shall be and what shall no longer be.

    A stale wish is treated as an ended one: what it was granted is removed, nothing is healed.
    """
    live, ended, stale = [], [], {}
    for wish in wishes:
        if not wish.is_live(now):
            ended.append(wish)
        elif reason := observed.staleness(wish.access):
            stale[wish.intent] = reason
            ended.append(wish)
        else:
            live.append(wish)
    wanted = justify(live)
    former = justify(as_landed(wish for wish in ended if wish.was_applied))
    _move(live, wanted, former, observed)
    with_data = (wish.access.beside for wish in live if not wish.access.metadata_only)
    kept = {permission for beside in with_data for permission, _columns in beside}
    implied = _take_implied(wanted, former, observed, kept)
    return Desired(wanted=wanted, former=former, stale=stale, implied=implied)


def as_landed(wishes: Iterable[Wish]) -> Iterator[Wish]:
    """The wishes; and each that moved once more, as it landed before."""
    for wish in wishes:
        yield wish
        if wish.access.left:
            yield replace(wish, access=wish.access.left)


def _move(live: Iterable[Wish], wanted: Justified, former: Justified, observed: Observation) -> None:
    """What moved keeps what is there of its old landing until the new one stands; then the old one may go."""
    for wish in live:
        if not (left := wish.access.left):
            continue
        into = former if _has_landed(wish.access, observed) else wanted
        for permission, columns in left.on_landing():
            if permission in observed.held:
                into.permissions.setdefault(permission, {})[wish.intent] = columns
        for link in observed.links.intersection(left.links):
            into.links.setdefault(link, set()).add(wish.intent)
        if left.landing_database in observed.landing_databases:
            into.landing_databases.setdefault(left.landing_database, set()).add(wish.intent)


def _has_landed(access: Access, observed: Observation) -> bool:
    is_there = observed.links.issuperset(access.links)
    return is_there and all(permission in observed.held for permission, _columns in access.on_landing())


def _take_implied(
    wanted: Justified, former: Justified, observed: Observation, kept: Collection[Permission]
) -> dict[Permission, tuple[int, ...]]:
    """Take out DESCRIBE where a SELECT that stays gives it: AWS's documents forbid it beside a partial one.

    What is held of it counts as former from then on. It is wanted again as soon as the SELECT ends. What was adopted
    with its SELECT is `kept`: AWS holds the two together, so it takes them.
    """
    described = [p for p in wanted.permissions if p.verb == DESCRIBE and p.table and p not in kept]
    if not described:
        return {}
    staying = (one for one, columns in observed.held.items() if columns - former.columns(one))
    selected = selections(wanted.permissions) | selections(staying)
    implied = {p: tuple(sorted(wanted.permissions[p])) for p in described if on_table(p) in selected}
    for permission in implied:
        former.permissions.setdefault(permission, {}).update(wanted.permissions.pop(permission))
    return implied


def selections(permissions: Iterable[Permission]) -> set[tuple[Place, str, str, str, str]]:
    """Whose SELECT is on which tables: it implies DESCRIBE there, one under a condition only where that is met."""
    return {on_table(one) for one in permissions if one.verb == SELECT and not one.condition}


def on_table(permission: Permission) -> tuple[Place, str, str, str, str]:
    """Who holds it, on what, and in whose list: what an account passes on stands apart from what the owner gave, and
    neither is in the way of the other, nor takes its place.
    """
    return permission.place, permission.principal, permission.database, permission.table, permission.through
