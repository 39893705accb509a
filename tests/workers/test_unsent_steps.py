"""Random histories in which many a step is not sent, in the pure core: what ends leaves nothing behind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeformation.atoms import Link
from lakeformation.desired import Wish, desired
from lakeformation.heirs import heirs
from lakeformation.planning import Change, plan
from tests.lakeformation.mesh import NOW, ROLE, World, access, wish
from workers.verify import verdicts
from workers.wishes import SETTLED

ROLES = {ROLE: "AROA1", f"{ROLE}-two": "AROA2"}
OPERATIONS = (
    "BatchGrantPermissions", "BatchRevokePermissions", "CreateDatabase", "CreateTable", "DeleteDatabase", "DeleteTable",
)  # fmt: skip
MOST = 12
"""Rounds that a scope needs at most to let go of everything, if every step is sent."""


@dataclass(frozen=True)
class Ask:
    columns: frozenset[str]
    role: str
    by_table: bool


@dataclass(frozen=True)
class End:
    which: int


@dataclass(frozen=True)
class Round:
    """Its steps are sent but those of operations whose rate is used up."""

    used_up: frozenset[str]


def asked(columns: str) -> Ask:
    return Ask(frozenset(columns), ROLE, by_table=False)


asks = st.builds(
    Ask, st.frozensets(st.sampled_from("abc"), min_size=1), st.sampled_from(list(ROLES)), st.booleans()
)
rounds = st.builds(Round, st.frozensets(st.sampled_from(OPERATIONS), max_size=2))
moves = st.lists(st.one_of(asks, st.builds(End, st.integers(0, 5)), rounds, rounds), max_size=12)


@dataclass
class Scope:
    """Does with wishes what the rounds of a scope do with its intents."""

    world: World = field(default_factory=lambda: World(principals=dict(ROLES)))
    open: dict[int, Wish] = field(default_factory=dict)
    asked: int = 0

    def move(self, one: Ask | End | Round) -> None:
        if isinstance(one, Ask):
            self.asked += 1
            wanted = access(
                *one.columns, principal_arn=one.role, principal_id=ROLES[one.role], by_table=one.by_table
            )
            self.open[self.asked] = wish(self.asked, wanted, was_applied=False)
        elif isinstance(one, End):
            self.end(sorted(self.open)[one.which : one.which + 1])
        else:
            self.round(one.used_up)

    def end(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.open[number] = replace(self.open[number], ended_at=NOW)

    def round(self, used_up: frozenset[str]) -> None:
        wishes, seen = list(self.open.values()), self.world.observe()
        goal = desired(wishes, seen, now=NOW)
        todo = plan(goal, seen, wishes)
        found = verdicts(wishes, goal, todo, now=NOW)
        over = {pk for pk, presence in found.items() if presence in SETTLED}
        self._mark({*found, *heirs(over, goal, seen)})
        self.open = {pk: one for pk, one in self.open.items() if pk not in over}
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

    def _mark(self, numbers: Sequence[int] | set[int]) -> None:
        for number in self.open.keys() & set(numbers):
            self.open[number] = replace(self.open[number], was_applied=True)

    def left(self) -> Iterator[object]:
        yield from (self.world.held, self.world.links, self.world.landing_databases, self.open)


@settings(max_examples=300, deadline=None)
@given(moves)
@example([asked("a"), Round(frozenset()), asked("ab"), End(0), Round(frozenset({"BatchGrantPermissions"}))])
def test_once_all_has_ended_nothing_is_left(history: list[Ask | End | Round]) -> None:
    scope = Scope()
    for one in history:
        scope.move(one)
    scope.end(list(scope.open))
    for _ in range(MOST):
        scope.round(frozenset())
    assert not any(scope.left())
