"""Accesses and a pretend catalog that obeys a plan, for tests of the pure core."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lakeformation.access.access import Access
from lakeformation.access.database_access import DatabaseAccess, DatabaseReach
from lakeformation.access.parties import Parties
from lakeformation.access.table_access import TableAccess
from lakeformation.access.tag_access import TagAccess, TagReach
from lakeformation.observation.reading import Invitation, Observation
from lakeformation.planning.account_grants import limit_to_account_grants
from lakeformation.planning.changes import Plan, PlannedChange
from lakeformation.planning.desired import IntentSpec, build_desired_state
from lakeformation.planning.plan import build_plan
from lakeformation.planning.prerequisites import plan_filters
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.permissions import DataCatalog, HeldPermissions, OptIn, Permission
from lakeformation.values.resource_links import Link, LinkDatabase, LinkNaming
from lakeformation.values.tag_expressions import TagExpression

EVERYTHING = frozenset(
    f"arn:aws:glue:eu-central-1:111111111111:{path}" for path in ("database/*", "table/*/*")
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROLE = "arn:aws:iam::333333333333:role/bi"
GOVERNANCE = DataCatalog("111111111111", "eu-central-1")
CONSUMER = DataCatalog("333333333333", "eu-central-1")


CREATED = "2026-01-01T00:00:00+00:00"
PARTIES = Parties(ROLE, "AROA1", CONSUMER, GOVERNANCE, "gov", "arn:role")
ACCOUNT_PARTIES = replace(PARTIES, principal_arn=CONSUMER.account, principal_id=CONSUMER.account)
BY_TABLE = LinkNaming(by_table=True)
GOLD = TagExpression.from_values({"tier": ["gold"]})


def build_access(*columns: str, parties: Parties = PARTIES, **changes: Any) -> TableAccess:
    """Of role bi to insurance_gold.claims; with no column named, to the whole table."""
    wanted = ColumnSet.include(columns) if columns else ALL_COLUMNS
    plain = TableAccess(
        parties=parties,
        database="insurance_gold",
        table="claims",
        table_created=CREATED,
        columns=wanted,
        location="s3://gold/claims/",
    )
    return replace(plain, **changes)


def build_database_access(**changes: Any) -> DatabaseAccess:
    """Of role bi to insurance_gold, which contains claims."""
    reach = DatabaseReach(("claims",), ("s3://gold/claims/",))
    plain = DatabaseAccess(parties=PARTIES, database="insurance_gold", database_created=CREATED, reach=reach)
    return replace(plain, **changes)


def build_tag_access(**changes: Any) -> TagAccess:
    """Of role bi to what is tagged gold: claims in insurance_gold."""
    reach = TagReach(GOLD, ("insurance_gold",), (), (("insurance_gold", "claims"),), ("s3://gold/claims/",))
    return replace(TagAccess(parties=PARTIES, reach=reach), **changes)


def build_wish(number: int, wanted: Access, **changes: Any) -> IntentSpec:
    return replace(IntentSpec(number, wanted, wanted.permissions), **changes)


@dataclass
class SimulatedCatalog:
    """Holds what a complete reading would show, and does what a plan's steps say."""

    held: HeldPermissions = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    landing_databases: set[LinkDatabase] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    tables: dict[tuple[str, str], str] = field(
        default_factory=lambda: {("insurance_gold", "claims"): CREATED}
    )
    principals: dict[str, str] = field(default_factory=lambda: {ROLE: "AROA1"})
    locations: frozenset[str] = frozenset({"arn:aws:s3:::gold"})
    invitations: tuple[Invitation, ...] = ()
    carried: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset({"arn:aws:ram:eu-central-1:111111111111:resource-share/1"})
    received: frozenset[str] = EVERYTHING
    sent: frozenset[str] = EVERYTHING
    rows_in: dict[str, frozenset[Permission]] = field(default_factory=dict)
    filters: dict[FilterKey, CellsFilter] = field(default_factory=dict)
    opt_ins: set[OptIn] = field(default_factory=set)
    hybrid: frozenset[str] = frozenset()

    def observe(self) -> Observation:
        return Observation(
            held=dict(self.held), links=frozenset(self.links),
            taken_names=frozenset(self._list_taken_names()), link_databases=frozenset(self.landing_databases),
            locations=self.locations,
            tables=dict(self.tables), principals=dict(self.principals), invitations=self.invitations,
            named_shares=self.carried, accepted_shares=self.accepted, permissions_by_share=self.rows_in,
            received_resources=self.received if self.accepted else frozenset(), sent_resources=self.sent, filters=dict(self.filters),
            opt_ins=frozenset(self.opt_ins), hybrid_locations=self.hybrid,
        )  # fmt: skip

    def _list_taken_names(self) -> set[str]:
        links = {link.resource for link in self.links}
        return links | {one.name for one in self.landing_databases} | self.foreign

    def plan(self, wishes: Iterable[IntentSpec], now: datetime = NOW) -> Plan:
        wishes = limit_to_account_grants(wishes)
        seen = self.observe()
        return build_plan(build_desired_state(wishes, seen, now=now), seen, wishes)

    def apply_plan(self, todo: Plan) -> None:
        for change in (change for step in todo.steps for change in step.changes):
            self.apply_change(change)

    def apply_change(self, change: PlannedChange) -> None:
        if isinstance(change.atom, Permission):
            self._apply_permission(change.action, change.atom, change.columns or ALL_COLUMNS)
            if change.action == "grant" and change.atom.grantable:
                self._apply_permission(
                    "grant", replace(change.atom, grantable=False), change.columns or ALL_COLUMNS
                )
        elif isinstance(change.atom, CellsFilter):
            self._apply_filter(change.action, change.atom)
        elif isinstance(change.atom, OptIn):
            (self.opt_ins.add if change.action == "opt in" else self.opt_ins.discard)(change.atom)
        elif isinstance(change.atom, Link):
            self._apply_link(change.action, change.atom)
        elif isinstance(change.atom, LinkDatabase):
            self._apply_landing(change.action, change.atom)
        elif isinstance(change.atom, Invitation):
            self.accepted |= {change.atom.share_arn}
            self.invitations = ()

    def _apply_link(self, action: str, one: Link) -> None:
        if action == "unlink":
            self.links.discard(one)
            return
        names = {landing.name for landing in self.landing_databases}
        assert not one.database or one.database in names, "a link to a table lies in a database"
        self.links.add(one)

    def _apply_landing(self, action: str, one: LinkDatabase) -> None:
        if action == "unland":
            assert self.observe().is_link_database_empty(one), "Glue would delete what lies in it"
        (self.landing_databases.add if action == "land" else self.landing_databases.discard)(one)

    def _apply_filter(self, action: str, one: CellsFilter) -> None:
        assert not [p for p in self.held if p.cells_filter == one.name], "a filter in use is not touched"
        assert (one.key in self.filters) == (action == "unfilter")
        self.filters = {**self.filters, one.key: one}
        if action == "unfilter":
            del self.filters[one.key]

    def _apply_permission(self, action: str, permission: Permission, columns: ColumnSet) -> None:
        if permission.cells_filter and action == "grant":
            assert (permission.database, permission.table, permission.cells_filter) in self.filters
        before = self.held.pop(permission, ColumnSet.include(()))
        if action == "revoke" and before.is_exclusion and not columns.is_exclusion:
            raise AssertionError("Permissions modification is invalid: columns from a wildcard")
        after = before | columns if action == "grant" else before - columns
        if after:
            self.held[permission] = after

    def converge(self, wishes: Iterable[IntentSpec], now: datetime = NOW) -> Plan:
        """Obey plans until there is nothing to do; the last, empty one."""
        wishes = list(wishes)
        for _ in range(8):
            for step in (before := plan_filters(wishes, self.filters, self.held, now=now)):
                for change in step.changes:
                    self.apply_change(change)
            todo = self.plan(wishes, now)
            if not (todo.steps or before):
                return todo
            self.apply_plan(todo)
        raise AssertionError(f"does not converge: {todo.steps}")
