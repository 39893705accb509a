"""Random histories in which many a step is not sent, in the pure core: what ends leaves nothing behind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeformation.access.access import Access
from lakeformation.access.parties import Parties
from lakeformation.access.table_access import TableAccess
from lakeformation.planning.account_grants import limit_to_account_grants
from lakeformation.planning.changes import PlannedChange
from lakeformation.planning.column_succession import find_successors
from lakeformation.planning.desired import IntentSpec, build_desired_state
from lakeformation.planning.hybrid_mode import apply_observed_mode
from lakeformation.planning.plan import build_plan
from lakeformation.planning.prerequisites import plan_filters
from lakeformation.values.permissions import sort_permissions
from lakeformation.values.resource_links import Link, LinkNaming
from tests.lakeformation.simulated_catalog import (
    CONSUMER,
    NOW,
    PARTIES,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)
from workers.engine.intents import SETTLED_PRESENCES
from workers.engine.proofs import find_proven_presences

ROLES = {ROLE: "AROA1", f"{ROLE}-two": "AROA2"}
PRINCIPALS = {**ROLES, CONSUMER.account: CONSUMER.account}
HYBRID = frozenset({"arn:aws:s3:::gold"})
OPERATIONS = (
    "BatchGrantPermissions", "BatchRevokePermissions", "CreateDatabase", "CreateTable", "DeleteDatabase", "DeleteTable",
    "CreateLakeFormationOptIn", "DeleteLakeFormationOptIn",
)  # fmt: skip
MOST = 12
"""Rounds that a scope needs at most to let go of everything, if every step is sent."""


@dataclass(frozen=True)
class RequestMove:
    """No columns: the whole table."""

    columns: frozenset[str]
    role: str
    by_table: bool
    rows: str = ""
    metadata_only: bool = False


@dataclass(frozen=True)
class EndMove:
    which: int


@dataclass(frozen=True)
class SubgrantMove:
    """By the account, of an account grant that it has: all of it, to a role."""

    which: int
    role: str


@dataclass(frozen=True)
class OutsideRevokeMove:
    """Somebody takes a permission away behind the portal."""

    which: int


@dataclass(frozen=True)
class RoundMove:
    """Its steps are sent but those of operations whose rate is used up."""

    used_up: frozenset[str]


Move = RequestMove | EndMove | SubgrantMove | OutsideRevokeMove | RoundMove


def build_request(columns: str) -> RequestMove:
    return RequestMove(frozenset(columns), ROLE, by_table=False)


asks = st.builds(
    RequestMove,
    st.frozensets(st.sampled_from("abc")),
    st.sampled_from([*ROLES, CONSUMER.account]),
    st.booleans(),
    st.sampled_from(["", "", "region = 'Ost'"]),
    st.sampled_from([False, False, True]),
)
rounds = st.builds(RoundMove, st.frozensets(st.sampled_from(OPERATIONS), max_size=2))
some = st.integers(0, 5)
passing = st.builds(SubgrantMove, some, st.sampled_from(list(ROLES)))
moves = st.lists(
    st.one_of(asks, st.builds(EndMove, some), passing, st.builds(OutsideRevokeMove, some), rounds, rounds),
    max_size=14,
)


@dataclass
class SimulatedScope:
    """Does with IntentSpecs what the rounds of a scope do with its intents."""

    world: SimulatedCatalog = field(
        default_factory=lambda: SimulatedCatalog(principals=PRINCIPALS, hybrid=HYBRID)
    )
    open: dict[int, IntentSpec] = field(default_factory=dict)
    over: list[IntentSpec] = field(default_factory=list)
    asked: int = 0

    def move(self, one: Move) -> None:
        if isinstance(one, RequestMove):
            self._open(_access(one))
        elif isinstance(one, EndMove):
            self.end(sorted(self.open)[one.which : one.which + 1])
        elif isinstance(one, SubgrantMove):
            self.pass_on([pk for pk in sorted(self.open) if self.open[pk].access.is_account_grant], one)
        elif isinstance(one, OutsideRevokeMove):
            for permission in sort_permissions(self.world.held)[one.which : one.which + 1]:
                del self.world.held[permission]
        else:
            self.round(one.used_up)

    def pass_on(self, account_grants: Sequence[int], one: SubgrantMove) -> None:
        for number in account_grants[one.which : one.which + 1]:
            whole = self.open[number].access
            assert isinstance(whole, TableAccess)
            self._open(replace(whole, parties=_build_parties(one.role), account_grant=number))

    def _open(self, wanted: Access) -> None:
        self.asked += 1
        self.open[self.asked] = build_wish(self.asked, wanted, was_applied=False)

    def end(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.open[number] = replace(self.open[number], ended_at=NOW)

    def round(self, used_up: frozenset[str]) -> None:
        self._tend_filters()
        seen = self.world.observe()
        wishes = limit_to_account_grants(apply_observed_mode(self.open.values(), seen, now=NOW))
        goal = build_desired_state(wishes, seen, now=NOW)
        todo = build_plan(goal, seen, wishes)
        found = find_proven_presences(wishes, goal, todo, now=NOW)
        over = {pk for pk, presence in found.items() if presence in SETTLED_PRESENCES}
        self._mark({*found, *find_successors(over, goal, seen)})
        self.over += [self.open.pop(pk) for pk in sorted(over)]
        for step in (step for step in todo.steps if step.operation not in used_up):
            for change in step.changes:
                self._mark(change.intents)
                if not self._is_refused(change):
                    self.world.apply_change(change)

    def _is_refused(self, change: PlannedChange) -> bool:
        """Glue makes no link in a database that is not there, as where the step that should make it was not sent."""
        names = {one.name for one in self.world.landing_databases}
        return (
            change.action == "link"
            and isinstance(change.atom, Link)
            and change.atom.database not in {"", *names}
        )

    def _tend_filters(self) -> None:
        """What the scope of the catalog does, which also looks at what was proven gone."""
        wishes = [*self.open.values(), *self.over]
        for step in plan_filters(wishes, self.world.filters, self.world.held, now=NOW):
            for change in step.changes:
                self._mark(change.intents)
                self.world.apply_change(change)

    def _mark(self, numbers: Sequence[int] | set[int]) -> None:
        for number in self.open.keys() & set(numbers):
            self.open[number] = replace(self.open[number], was_applied=True)

    def left(self) -> Iterator[object]:
        world = self.world
        yield from (world.held, world.filters, world.opt_ins, world.links, world.landing_databases, self.open)


def _build_parties(role: str) -> Parties:
    return replace(PARTIES, principal_arn=role, principal_id=ROLES.get(role, role))


def _access(one: RequestMove) -> TableAccess:
    return build_access(
        *one.columns,
        parties=_build_parties(one.role),
        link_naming=LinkNaming(by_table=one.by_table),
        row_filter="" if one.metadata_only else one.rows,
        metadata_only=one.metadata_only,
    )


@settings(max_examples=300, deadline=None)
@given(moves)
@example(
    [
        build_request("a"),
        RoundMove(frozenset()),
        build_request("ab"),
        EndMove(0),
        RoundMove(frozenset({"BatchGrantPermissions"})),
    ]
)
def test_once_all_has_ended_nothing_is_left(history: list[Move]) -> None:
    scope = SimulatedScope()
    for one in history:
        scope.move(one)
    scope.end(list(scope.open))
    for _ in range(MOST):
        scope.round(frozenset())
    assert not any(scope.left())
