"""What a result file says, whichever tool wrote it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_OF_ONE_ROW = frozenset(
    {"min", "max", "minimum", "maximum", "least", "greatest", "smallest", "largest", "median", "percentile", "quantile"}
)  # fmt: skip


class Tool(StrEnum):
    DBT = "dbt"
    GREAT_EXPECTATIONS = "great_expectations"
    SODA = "soda"
    OPENLINEAGE = "openlineage"
    OTHER = "other"


class Dimension(StrEnum):
    """What a rule looks at; empty where the rule's name does not say it."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VOLUME = "volume"
    UNKNOWN = ""


class UnreadableReport(Exception):  # noqa: N818 - a name that callers know
    """The file is none that is understood. `path` is the place in it, with dots; empty for the file as a whole."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message, self.path = message, path


@dataclass(frozen=True)
class RuleResult:
    """`passed` is None if the tool did not tell; with `is_error` it tried, and the rule counts as not passed. No text holds a
    value of the data: `observed` is a number with its unit.

    `is_warning`: it did not pass, and the people who wrote the rule call that a warning. `failed_rows` of `total_rows` broke it, if
    the tool counted them.
    """

    name: str
    dimension: str = ""
    column: str = ""
    passed: bool | None = None
    observed: str = ""
    expected: str = ""
    message: str = ""
    is_warning: bool = False
    is_error: bool = False
    failed_rows: int | None = None
    total_rows: int | None = None


@dataclass(frozen=True)
class Report:
    """One dataset as one run tested it. `dataset_name` is as the tool names it; empty if it does not."""

    tool: str
    tool_version: str
    dataset_name: str
    started_at: datetime | None
    finished_at: datetime | None
    rules: tuple[RuleResult, ...]


def names_value_of_row(kind: str) -> bool:
    """Whether what a rule or metric of this name observes may be the value of one row: `Column.amount.Maximum`, `min(amount)`."""
    words = {word.lower() for word in _WORDS.findall(kind)}
    return bool(words & _OF_ONE_ROW) or {"custom", "sql"} <= words
