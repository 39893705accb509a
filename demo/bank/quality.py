"""Results of Glue Data Quality of the last ninety days: each night the rules of some tables are evaluated.

One rule of the claims has failed since three days ago, and one night the positions were loaded only by half.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo.bank.catalog import DATABASES
from mocklake.seeding import World, quality_result

DAYS, FAILING_DAYS = 90, 3
HOUR, MINUTES = 4, 17


@dataclass(frozen=True)
class NightlyRules:
    """`rows` on the first night, and how many come each night. `columns` are complete, `unique` is unique as well. `fails` says
    how complete its column has been of late; `half_night` is how many nights ago only half of the rows were loaded.
    """

    table: str
    rows: int
    growth: int
    columns: tuple[str, ...]
    unique: str
    fails: tuple[str, float] | None = None
    half_night: int = 0

    @property
    def ruleset(self) -> str:
        return f"{self.table.partition('.')[2]} nightly"


NIGHTLY = (
    NightlyRules(
        "insurance_gold.claims", 1_110, 1, ("claim_id", "policy_id", "reported_on"), "claim_id", ("reported_on", 0.9712)
    ),
    NightlyRules("investments_gold.client_positions", 1_800, 0, ("position_id", "customer_id"), "", half_night=21),
    NightlyRules("credit_cards_gold.fraud_scores", 1_910, 1, ("authorisation_id",), "authorisation_id"),
)  # fmt: skip


def put_quality_results(world: World) -> None:
    """Those of a table one after the other, from the oldest."""
    last = world.now().replace(hour=HOUR, minute=MINUTES, second=0, microsecond=0)
    if last > world.now():
        last -= timedelta(days=1)
    for one in NIGHTLY:
        name, table = one.table.split(".")
        database = next(found for found in DATABASES if found.name == name)
        for ago in reversed(range(DAYS)):
            quality_result(
                world, database.catalog, database.region, (name, table), list(_evaluate(one, ago)),
                ruleset=one.ruleset, completed_at=_get_time(last, ago),
            )  # fmt: skip


def _get_time(last: datetime, ago: int) -> datetime:
    return last - timedelta(days=ago) + timedelta(minutes=ago * 7 % 11)


def _evaluate(one: NightlyRules, ago: int) -> Iterator[dict[str, Any]]:
    """DataQualityRuleResults of the night so many nights ago."""
    night = DAYS - ago
    rows = one.rows + one.growth * night + night * 37 % 7
    if ago == one.half_night and ago:
        rows //= 2
    yield _judge(f"RowCount > {one.rows * 3 // 4}", "Dataset.*.RowCount", rows, rows > one.rows * 3 // 4)
    for column in one.columns:
        share = 1.0
        if one.fails and column == one.fails[0]:
            share = one.fails[1] if ago < FAILING_DAYS else 0.9991 + night % 5 / 10_000
        threshold = 0.995 if one.fails and column == one.fails[0] else 1.0
        rule = f'Completeness "{column}" >= {threshold}' if threshold < 1 else f'IsComplete "{column}"'
        yield _judge(rule, f"Column.{column}.Completeness", share, share >= threshold)
    if one.unique:
        yield _judge(f'IsUnique "{one.unique}"', f"Column.{one.unique}.Uniqueness", 1.0, True)


def _judge(rule: str, metric: str, value: float, passed: bool) -> dict[str, Any]:  # noqa: FBT001 - an outcome
    message = (
        {} if passed else {"EvaluationMessage": f"Value: {value} does not meet the constraint requirement!"}
    )
    return {
        "Description": rule,
        "EvaluatedRule": rule,
        "Result": "PASS" if passed else "FAIL",
        "EvaluatedMetrics": {metric: float(value)},
        **message,
    }
