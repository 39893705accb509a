"""Random histories in which many a step is not sent, in the pure core: what ends leaves nothing behind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeformation.access.access import Access
from lakeformation.planning.changes import Change
from lakeformation.planning.column_succession import heirs
from lakeformation.planning.desired import Wish, desired
from lakeformation.planning.envelopes import within_envelopes
from lakeformation.planning.hybrid_mode import in_observed_mode
from lakeformation.planning.plan import plan
from lakeformation.planning.prerequisites import filters
from lakeformation.values.permissions import in_order
from lakeformation.values.resource_links import Link
from tests.lakeformation.mesh import CONSUMER, NOW, ROLE, World, access, wish
from workers.engine.intents import SETTLED
from workers.engine.proofs import verdicts

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
class Ask:
    """No columns: the whole table."""

    columns: frozenset[str]
    role: str
    by_table: bool
    rows: str = ""
    metadata_only: bool = False


@dataclass(frozen=True)
class End:
    which: int


@dataclass(frozen=True)
class PassedOn:
    """By the account, of an envelope that it has: all of it, to a role."""

    which: int
    role: str


@dataclass(frozen=True)
class Taken:
    """Somebody takes a permission away behind the portal."""

    which: int


@dataclass(frozen=True)
class Round:
    """Its steps are sent but those of operations whose rate is used up."""

    used_up: frozenset[str]


Move = Ask | End | PassedOn | Taken | Round


def asked(columns: str) -> Ask:
    return Ask(frozenset(columns), ROLE, by_table=False)


asks = st.builds(
    Ask,
    st.frozensets(st.sampled_from("abc")),
    st.sampled_from([*ROLES, CONSUMER.account]),
    st.booleans(),
    st.sampled_from(["", "", "region = 'Ost'"]),
    st.sampled_from([False, False, True]),
)
rounds = st.builds(Round, st.frozensets(st.sampled_from(OPERATIONS), max_size=2))
some = st.integers(0, 5)
passing = st.builds(PassedOn, some, st.sampled_from(list(ROLES)))
moves = st.lists(
    st.one_of(asks, st.builds(End, some), passing, st.builds(Taken, some), rounds, rounds), max_size=14
)


@dataclass
class Scope:
    """Does with wishes what the rounds of a scope do with its intents."""

    world: World = field(default_factory=lambda: World(principals=PRINCIPALS, hybrid=HYBRID))
    open: dict[int, Wish] = field(default_factory=dict)
    over: list[Wish] = field(default_factory=list)
    asked: int = 0

    def move(self, one: Move) -> None:
        if isinstance(one, Ask):
            self._open(_access(one))
        elif isinstance(one, End):
            self.end(sorted(self.open)[one.which : one.which + 1])
        elif isinstance(one, PassedOn):
            self.pass_on([pk for pk in sorted(self.open) if self.open[pk].access.is_envelope], one)
        elif isinstance(one, Taken):
            for permission in in_order(self.world.held)[one.which : one.which + 1]:
                del self.world.held[permission]
        else:
            self.round(one.used_up)

    def pass_on(self, envelopes: Sequence[int], one: PassedOn) -> None:
        for number in envelopes[one.which : one.which + 1]:
            whole = self.open[number].access
            self._open(replace(whole, principal_arn=one.role, principal_id=ROLES[one.role], envelope=number))

    def _open(self, wanted: Access) -> None:
        self.asked += 1
        self.open[self.asked] = wish(self.asked, wanted, was_applied=False)

    def end(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.open[number] = replace(self.open[number], ended_at=NOW)

    def round(self, used_up: frozenset[str]) -> None:
        self._tend_filters()
        seen = self.world.observe()
        wishes = within_envelopes(in_observed_mode(self.open.values(), seen, now=NOW))
        goal = desired(wishes, seen, now=NOW)
        todo = plan(goal, seen, wishes)
        found = verdicts(wishes, goal, todo, now=NOW)
        over = {pk for pk, presence in found.items() if presence in SETTLED}
        self._mark({*found, *heirs(over, goal, seen)})
        self.over += [self.open.pop(pk) for pk in sorted(over)]
        for step in (step for step in todo.steps if step.operation not in used_up):
            for change in step.changes:
                self._mark(change.intents)
                if not self._is_refused(change):
                    self.world.do(change)

    def _is_refused(self, change: Change) -> bool:
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
        for step in filters(wishes, self.world.filters, self.world.held, now=NOW):
            for change in step.changes:
                self._mark(change.intents)
                self.world.do(change)

    def _mark(self, numbers: Sequence[int] | set[int]) -> None:
        for number in self.open.keys() & set(numbers):
            self.open[number] = replace(self.open[number], was_applied=True)

    def left(self) -> Iterator[object]:
        world = self.world
        yield from (world.held, world.filters, world.opt_ins, world.links, world.landing_databases, self.open)


def _access(one: Ask) -> Access:
    who = {"principal_arn": one.role, "principal_id": ROLES.get(one.role, one.role)}
    what = {"row_rule": "" if one.metadata_only else one.rows, "metadata_only": one.metadata_only}
    return access(*one.columns, by_table=one.by_table, **who, **what)


@settings(max_examples=300, deadline=None)
@given(moves)
@example([asked("a"), Round(frozenset()), asked("ab"), End(0), Round(frozenset({"BatchGrantPermissions"}))])
def test_once_all_has_ended_nothing_is_left(history: list[Move]) -> None:
    scope = Scope()
    for one in history:
        scope.move(one)
    scope.end(list(scope.open))
    for _ in range(MOST):
        scope.round(frozenset())
    assert not any(scope.left())
