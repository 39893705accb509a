"""Quality results for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.mirror.models import Table
from catalog.quality.actions import store_results
from catalog.quality.models import MeasureKind, QualityDimension, QualitySource, RuleOutcome
from catalog.quality.results import IncomingResult, MeasureFact, RuleFact
from catalog.quality.writer import StoredResult
from tests.bank import Bank

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = NOON + timedelta(hours=12)
PASSED, FAILED = RuleOutcome.PASSED, RuleOutcome.FAILED


def rule(name: str, outcome: RuleOutcome = PASSED, **more: Any) -> RuleFact:
    return RuleFact(name=name, outcome=outcome, **more)


def rules(passed: int, failed: int = 0) -> list[RuleFact]:
    good = [
        rule(f"rule {number}", dimension=QualityDimension.COMPLETENESS, column="claim_id")
        for number in range(passed)
    ]
    return good + [rule(f"bad {number}", FAILED, message="3 of 40 rows") for number in range(failed)]


def incoming(table: Table, facts: Sequence[RuleFact], *, hours: float = 0, **more: Any) -> IncomingResult:
    said: dict[str, Any] = {
        "source": QualitySource.GLUE,
        "ruleset": "claims",
        "scope": "111122223333",
        "external_id": f"result {hours}",
        "evaluated_at": NOON + timedelta(hours=hours),
        "rules": facts,
        "table_id": table.pk,
        **more,
    }
    return IncomingResult(**said)


def store(table: Table, passed: int, failed: int = 0, **more: Any) -> StoredResult:
    return store_results(incoming=[incoming(table, rules(passed, failed), **more)], now=NOW)[0]


def store_rows(table: Table, counts: Sequence[float], start: int = 0) -> None:
    """A result an hour, each with a number of rows."""
    for hour, count in enumerate(counts, start):
        fact = MeasureFact(MeasureKind.ROWS, count)
        store(table, 1, hours=hour, ruleset="rows", measures=[fact])


def make_sample_quality(bank: Bank) -> dict[str, Any]:
    """A ruleset with results, one of which has a rule that did not pass, and a measurement outside its band."""
    store_rows(bank.claims, [1000.0] * 8 + [10])
    stored = store(bank.claims, 3, 1, hours=20).result
    return {"quality_result": stored.pk, "quality_ruleset": stored.ruleset_id}
