"""A quality result before it is stored. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from catalog.quality.models import MeasureKind, QualityDimension, QualitySource, RuleOutcome
from kernel.storable_text import replace_unstorable

MAX_RULES = 1000
"""Rules of one result; the others are counted and not kept one by one."""
MAX_NAME, MAX_MESSAGE = 255, 500


@dataclass(frozen=True)
class RuleFact:
    """One rule. `observed` is a number with its unit, never a value of a row; `expected` what the rule wants. `message` is for
    whoever maintains the table.
    """

    name: str
    outcome: RuleOutcome
    dimension: QualityDimension = QualityDimension.OTHER
    column: str = ""
    observed: str = ""
    expected: str = ""
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """Without what is empty."""
        found = {
            **asdict(self),
            "name": replace_unstorable(self.name, MAX_NAME),
            "column": replace_unstorable(self.column.lower(), MAX_NAME),
            "expected": replace_unstorable(self.expected, MAX_MESSAGE),
            "message": replace_unstorable(self.message, MAX_MESSAGE),
            "observed": replace_unstorable(self.observed, MAX_NAME),
        }
        return {name: value for name, value in found.items() if value not in (None, "")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        outcome, dimension = RuleOutcome(data["outcome"]), QualityDimension(data["dimension"])
        return cls(**{**data, "outcome": outcome, "dimension": dimension})


@dataclass(frozen=True)
class MeasureFact:
    kind: MeasureKind
    value: float
    column: str = ""


@dataclass(frozen=True)
class IncomingResult:
    """`scope` says whose ids `external_id` is one of, such as an account of AWS or a team."""

    source: QualitySource
    ruleset: str
    scope: str
    external_id: str
    evaluated_at: datetime
    rules: Sequence[RuleFact]
    table_id: int | None = None
    dataset_id: int | None = None
    team_id: int | None = None
    person_id: int | None = None
    tool_version: str = ""
    measures: Sequence[MeasureFact] = field(default=())

    @property
    def key(self) -> UUID:
        """Equal for the same result of the same table or dataset, sent again."""
        place = f"table:{self.table_id}" if self.dataset_id is None else f"dataset:{self.dataset_id}"
        parts = (self.source.value, self.scope, place, self.ruleset, self.external_id)
        return UUID(bytes=hashlib.sha256("\0".join(parts).encode()).digest()[:16])

    @property
    def counts(self) -> tuple[int, int]:
        """Passed and evaluated rules."""
        return count_rules(self.rules)


def count_rules(rules: Iterable[RuleFact]) -> tuple[int, int]:
    outcomes = [rule.outcome for rule in rules if rule.outcome is not RuleOutcome.SKIPPED]
    return outcomes.count(RuleOutcome.PASSED), len(outcomes)


def read_dimension(text: str) -> QualityDimension:
    """`OTHER` for one that is not known here."""
    wanted = text.strip().lower()
    return QualityDimension(wanted) if wanted in set(QualityDimension) else QualityDimension.OTHER


def digest_content(*parts: str) -> str:
    """An id for a result that brings none."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
