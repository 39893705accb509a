"""Explanation of whether a principal sees a column: access paths, each a list of steps with evidence.

The text is not parsed as SQL: every word in it that is a column's name counts as needed, so that an answer is rather
too careful. Athena keeps a view as JSON in a comment (Trino, "Hive connector: Presto views").
"""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from lakeformation.values.permissions import DataCatalog, Permission


class StepState(StrEnum):
    """A step holds, lacks or is not known because nobody read it. A path has the worst state of its steps."""

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


_NAME_PATTERN = r"(?:\"[^\"]+\"|`[^`]+`|\w+)"
_TABLE_PATTERN = re.compile(
    rf"\b(?:from|join)\s+({_NAME_PATTERN}(?:\s*\.\s*{_NAME_PATTERN}){{0,2}})", re.IGNORECASE
)
_COUNT_PATTERN = re.compile(r"count\s*\(\s*\*\s*\)", re.IGNORECASE)
_PRESTO_VIEW_PATTERN = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
_WORD_PATTERN = re.compile(r"\w+")


@dataclass(frozen=True)
class ViewText:
    """The SQL of a view in `database`."""

    sql: str
    database: str

    def list_tables(self) -> list[tuple[str, str]]:
        """(database, table) in lower case, each once, in the order of the text."""
        found = []
        for named in _TABLE_PATTERN.findall(self.sql):
            names = [part.strip().strip('"`').lower() for part in named.split(".")]
            found.append((names[-2] if len(names) > 1 else self.database, names[-1]))
        return list(dict.fromkeys(found))

    def list_needed_columns(self, columns: Sequence[str]) -> list[str]:
        """The columns of a table, in lower case, whose names stand in the text; all where it has a `*`."""
        text = _COUNT_PATTERN.sub("", self.sql)
        if "*" in text:
            return list(columns)
        words = {word.lower() for word in _WORD_PATTERN.findall(text)}
        return [column for column in columns if column in words]


def parse_view_text(text: str, database: str) -> ViewText | None:
    """The SQL in Glue's `ViewOriginalText`; None where it cannot be read, as when it was cut."""
    kept = _PRESTO_VIEW_PATTERN.fullmatch(text.strip())
    if kept is None:
        return ViewText(text, database) if _TABLE_PATTERN.search(text) else None
    try:
        said = json.loads(b64decode(kept[1]))
        return ViewText(str(said["originalSql"]), str(said.get("schema") or database).lower())
    except (NotBase64Error, ValueError, KeyError, TypeError):
        return None
