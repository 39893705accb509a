"""Explanation of whether a principal sees a column: access paths, each a list of steps with evidence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from lakeformation.values.permissions import DataCatalog, Permission


class StepState(StrEnum):
    """Of a step: it is so, it is not so, or nobody read it. Of a path: the worst of its steps."""

    HOLDS = "holds"
    LACKS = "lacks"
    UNKNOWN = "unknown"


class ColumnVisibility(StrEnum):
    """UNKNOWN: no path is open, and at least one could not be checked to its end."""

    VISIBLE = "sees"
    NOT_VISIBLE = "sees not"
    UNKNOWN = "unknown"


class EvidenceSource(StrEnum):
    """The reading that a step rests on."""

    CATALOG = "catalog"
    SHARE = "share"
    MIRROR = "mirror"
    NONE = "none"


@dataclass(frozen=True)
class ColumnQuestion:
    """`column` of a table in the catalog that owns it; `principal` is the ARN of an IAM role or user."""

    principal: str
    catalog: DataCatalog
    database: str
    table: str
    column: str

    @property
    def account(self) -> str:
        return self.principal.split(":")[4]

    @property
    def is_owner_account(self) -> bool:
        """Whether the principal is of the account that owns the table."""
        return self.account == self.catalog.account


@dataclass(frozen=True)
class Step:
    """`permission` is the row of AWS that it speaks of, where it speaks of one. `row_doubt`: see `ColumnExplanation`."""

    state: StepState
    text: str
    source: EvidenceSource = EvidenceSource.CATALOG
    permission: Permission | None = None
    row_doubt: str = ""


@dataclass(frozen=True)
class AccessPath:
    """Open when all steps hold. `rows` is the row filter of what it shows; empty: all rows."""

    steps: tuple[Step, ...]
    rows: str = ""

    @property
    def state(self) -> StepState:
        states = {step.state for step in self.steps}
        return next(
            (state for state in (StepState.LACKS, StepState.UNKNOWN) if state in states), StepState.HOLDS
        )

    def extend(self, *steps: Step) -> "AccessPath":
        return replace(self, steps=(*self.steps, *steps))


@dataclass(frozen=True)
class ColumnExplanation:
    """`paths`: open ones first, then those not known to their end. `notes` decide nothing, and are good to know. `row_doubt` says
    why it is not known which rows are seen, as a phrase; empty where `rows` tells them.
    """

    question: ColumnQuestion
    visibility: ColumnVisibility
    paths: tuple[AccessPath, ...]
    notes: tuple[Step, ...] = ()
    row_doubt: str = ""

    @property
    def rows(self) -> tuple[str, ...]:
        """Row filters, of which a visible row passes one; none: all rows, or no row where nothing is seen."""
        rules = {way.rows for way in self.paths if way.state == StepState.HOLDS}
        return () if "" in rules else tuple(sorted(rules))


def build_explanation(
    question: ColumnQuestion, paths: Iterable[AccessPath], notes: Iterable[Step] = (), *, row_doubt: str = ""
) -> ColumnExplanation:
    """One open path makes the column visible; it is not visible only if no path is unknown. `row_doubt` counts where something
    may be seen.
    """
    order = (StepState.HOLDS, StepState.UNKNOWN, StepState.LACKS)
    found = tuple(sorted(paths, key=lambda way: order.index(way.state)))
    states = {way.state for way in found}
    if StepState.HOLDS in states:
        verdict = ColumnVisibility.VISIBLE
    else:
        verdict = ColumnVisibility.UNKNOWN if StepState.UNKNOWN in states else ColumnVisibility.NOT_VISIBLE
    if verdict is ColumnVisibility.NOT_VISIBLE:
        row_doubt = ""
    told = [*notes, *([Step(StepState.UNKNOWN, row_doubt)] if row_doubt else [])]
    return ColumnExplanation(question, verdict, found, tuple(told), row_doubt)
