"""The answer to "why can X see column Y", and why not: ways to the column, each a chain of steps with its evidence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from lakeformation.values.permissions import Permission, Place


class State(StrEnum):
    """Of a step: it is so, it is not so, or nobody read it. Of a way: the worst of its steps."""

    HOLDS = "holds"
    LACKS = "lacks"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """UNKNOWN: no way was found that is open, and one that might be could not be read to its end."""

    SEES = "sees"
    SEES_NOT = "sees not"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """The reading that a step rests on."""

    CATALOG = "catalog"
    SHARE = "share"
    MIRROR = "mirror"
    NONE = "none"


@dataclass(frozen=True)
class Asked:
    """`column` of a table in the catalog that owns it; `principal` is the ARN of an IAM role or user."""

    principal: str
    place: Place
    database: str
    table: str
    column: str

    @property
    def account(self) -> str:
        return self.principal.split(":")[4]

    @property
    def is_at_home(self) -> bool:
        """Whether the principal is of the account that owns the table."""
        return self.account == self.place.account


@dataclass(frozen=True)
class Step:
    """`permission` is the row of AWS that it speaks of, where it speaks of one."""

    state: State
    text: str
    source: Source = Source.CATALOG
    permission: Permission | None = None


@dataclass(frozen=True)
class Way:
    """Open when all steps hold. `rows` is the rule of the rows that it shows; empty: all of them."""

    steps: tuple[Step, ...]
    rows: str = ""

    @property
    def state(self) -> State:
        states = {step.state for step in self.steps}
        return next((state for state in (State.LACKS, State.UNKNOWN) if state in states), State.HOLDS)

    def then(self, *steps: Step) -> "Way":
        return replace(self, steps=(*self.steps, *steps))


@dataclass(frozen=True)
class Answer:
    """`ways`: open ones first, then those not known to their end. `notes` decide nothing, and are good to know."""

    asked: Asked
    verdict: Verdict
    ways: tuple[Way, ...]
    notes: tuple[Step, ...] = ()

    @property
    def rows(self) -> tuple[str, ...]:
        """The rules of which a row must pass one to be seen; none: all rows, or no row where nothing is seen."""
        rules = {way.rows for way in self.ways if way.state == State.HOLDS}
        return () if "" in rules else tuple(sorted(rules))


def answer(asked: Asked, ways: Iterable[Way], notes: Iterable[Step] = ()) -> Answer:
    """Draws the verdict: one open way is enough; without one, nothing unread may be left for a no."""
    order = (State.HOLDS, State.UNKNOWN, State.LACKS)
    found = tuple(sorted(ways, key=lambda way: order.index(way.state)))
    states = {way.state for way in found}
    if State.HOLDS in states:
        verdict = Verdict.SEES
    else:
        verdict = Verdict.UNKNOWN if State.UNKNOWN in states else Verdict.SEES_NOT
    return Answer(asked, verdict, found, tuple(notes))
