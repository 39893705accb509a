"""Accesses and a pretend catalog that obeys a plan, for tests of the pure core."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lakeformation.access.access import Access
from lakeformation.observation.reading import Invitation, Observation
from lakeformation.planning.changes import Change, Plan
from lakeformation.planning.desired import Wish, desired
from lakeformation.planning.envelopes import within_envelopes
from lakeformation.planning.plan import plan
from lakeformation.planning.prerequisites import filters
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import Held, OptIn, Permission, Place
from lakeformation.values.resource_links import LandingDatabase, Link

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROLE = "arn:aws:iam::333333333333:role/bi"
GOVERNANCE = Place("111111111111", "eu-central-1")
CONSUMER = Place("333333333333", "eu-central-1")


def access(*columns: str, **changes: Any) -> Access:
    """Of role bi to insurance_gold.claims; with no column named, to the whole table."""
    wanted = ColumnSet.include(columns) if columns else EVERY
    plain = Access(
        ROLE, "AROA1", "333333333333", "eu-central-1", "111111111111", "eu-central-1", "gov",
        "insurance_gold", "claims", "2026-01-01T00:00:00+00:00", wanted, "s3://gold/claims/", "arn:role",
    )  # fmt: skip
    return replace(plain, **changes)


def wish(number: int, wanted: Access, **changes: Any) -> Wish:
    return replace(Wish(number, wanted, wanted.permissions), **changes)


@dataclass
class World:
    """Holds what a complete reading would show, and does what a plan's steps say."""

    held: Held = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    landing_databases: set[LandingDatabase] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    tables: dict[tuple[str, str], str] = field(
        default_factory=lambda: {("insurance_gold", "claims"): "2026-01-01T00:00:00+00:00"}
    )
    principals: dict[str, str] = field(default_factory=lambda: {ROLE: "AROA1"})
    locations: frozenset[str] = frozenset({"arn:aws:s3:::gold"})
    invitations: tuple[Invitation, ...] = ()
    carried: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset({"arn:aws:ram:eu-central-1:111111111111:resource-share/1"})
    rows_in: dict[str, frozenset[Permission]] = field(default_factory=dict)
    filters: dict[FilterKey, CellsFilter] = field(default_factory=dict)
    opt_ins: set[OptIn] = field(default_factory=set)
    hybrid: frozenset[str] = frozenset()

    def observe(self) -> Observation:
        return Observation(
            held=dict(self.held), links=frozenset(self.links),
            link_names=frozenset(self._taken()), landing_databases=frozenset(self.landing_databases),
            locations=self.locations,
            tables=dict(self.tables), principals=dict(self.principals), invitations=self.invitations,
            carried=self.carried, accepted=self.accepted, rows_in=self.rows_in, filters=dict(self.filters),
            opt_ins=frozenset(self.opt_ins), hybrid=self.hybrid,
        )  # fmt: skip

    def _taken(self) -> set[str]:
        links = {link.resource for link in self.links}
        return links | {one.name for one in self.landing_databases} | self.foreign

    def plan(self, wishes: Iterable[Wish], now: datetime = NOW) -> Plan:
        wishes = within_envelopes(wishes)
        seen = self.observe()
        return plan(desired(wishes, seen, now=now), seen, wishes)

    def obey(self, todo: Plan) -> None:
        for change in (change for step in todo.steps for change in step.changes):
            self.do(change)

    def do(self, change: Change) -> None:
        if isinstance(change.atom, Permission):
            self._write(change.action, change.atom, change.columns or EVERY)
            if change.action == "grant" and change.atom.grantable:
                self._write("grant", replace(change.atom, grantable=False), change.columns or EVERY)
        elif isinstance(change.atom, CellsFilter):
            self._filter(change.action, change.atom)
        elif isinstance(change.atom, OptIn):
            (self.opt_ins.add if change.action == "opt in" else self.opt_ins.discard)(change.atom)
        elif isinstance(change.atom, Link):
            self._link(change.action, change.atom)
        elif isinstance(change.atom, LandingDatabase):
            self._land(change.action, change.atom)
        elif isinstance(change.atom, Invitation):
            self.accepted |= {change.atom.share_arn}
            self.invitations = ()

    def _link(self, action: str, one: Link) -> None:
        if action == "unlink":
            self.links.discard(one)
            return
        names = {landing.name for landing in self.landing_databases}
        assert not one.database or one.database in names, "a link to a table lies in a database"
        self.links.add(one)

    def _land(self, action: str, one: LandingDatabase) -> None:
        if action == "unland":
            assert self.observe().is_empty(one), "Glue would delete what lies in it"
        (self.landing_databases.add if action == "land" else self.landing_databases.discard)(one)

    def _filter(self, action: str, one: CellsFilter) -> None:
        assert not [p for p in self.held if p.cells_filter == one.name], "a filter in use is not touched"
        assert (one.key in self.filters) == (action == "unfilter")
        self.filters = {**self.filters, one.key: one}
        if action == "unfilter":
            del self.filters[one.key]

    def _write(self, action: str, permission: Permission, columns: ColumnSet) -> None:
        if permission.cells_filter and action == "grant":
            assert (permission.database, permission.table, permission.cells_filter) in self.filters
        before = self.held.pop(permission, ColumnSet.include(()))
        if action == "revoke" and before.but and not columns.but:
            raise AssertionError("Permissions modification is invalid: columns from a wildcard")
        after = before | columns if action == "grant" else before - columns
        if after:
            self.held[permission] = after

    def converge(self, wishes: Iterable[Wish], now: datetime = NOW) -> Plan:
        """Obey plans until there is nothing to do; the last, empty one."""
        wishes = list(wishes)
        for _ in range(8):
            for step in (before := filters(wishes, self.filters, self.held, now=now)):
                for change in step.changes:
                    self.do(change)
            todo = self.plan(wishes, now)
            if not (todo.steps or before):
                return todo
            self.obey(todo)
        raise AssertionError(f"does not converge: {todo.steps}")
