"""Results of Glue Data Quality of the last ninety days, and Glue's statistics of the columns of gold tables.

One rule of the claims has failed since three days ago, and one night the positions were loaded only by half.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo.bank.catalog import DATABASES
from demo.bank.definitions import Column, Database, Table
from demo.bank.parquet_rows import ParquetWriter
from mocklake.seeding import World, as_root, quality_result

DAYS, FAILING_DAYS = 90, 3
HOUR, MINUTES = 4, 17
KINDS = {"string": "STRING", "date": "DATE", "boolean": "BOOLEAN", "double": "DOUBLE", "decimal": "DECIMAL"}
"""By the first word of a column's type; others are LONG."""
MAX_COLUMNS = 25
"""Of one call (Glue API reference, UpdateColumnStatisticsForTable)."""
COUNTS = {
    "BOOLEAN": {"NumberOfTrues": "count_if({0})", "NumberOfFalses": "count_if(NOT {0})"},
    "STRING": {
        "NumberOfDistinctValues": "count(DISTINCT {0})",
        "MaximumLength": "coalesce(max(length({0})), 0)",
        "AverageLength": "coalesce(avg(length({0})), 0.0)",
    },
}
"""What is counted of a column of a kind besides its nulls, in SQL."""
OTHER_COUNTS = {"NumberOfDistinctValues": "count(DISTINCT {0})"}


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
    """Puts the results of one table after the other, from the oldest."""
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


def put_column_statistics(world: World, database: Database, table: Table, writer: ParquetWriter) -> None:
    data = _count_values(table, writer)
    for start in range(0, len(table.columns), MAX_COLUMNS):
        statistics = [
            {
                "ColumnName": column.name,
                "ColumnType": column.type,
                "AnalyzedTime": world.now().timestamp(),
                "StatisticsData": data[column.name],
            }
            for column in table.columns[start : start + MAX_COLUMNS]
        ]
        as_root(
            world, database.catalog, database.region, "glue", "UpdateColumnStatisticsForTable",
            DatabaseName=database.name, TableName=table.name, ColumnStatisticsList=statistics,
        )  # fmt: skip


def _count_values(table: Table, writer: ParquetWriter) -> dict[str, Mapping[str, Any]]:
    """StatisticsData by column, of all columns in one statement."""
    counts = [(column, *count) for column in table.columns for count in _list_counts(column)]
    values = writer.select_row(table, [expression for _, _, expression in counts])
    found: dict[str, dict[str, Any]] = {column.name: {} for column in table.columns}
    for (column, name, _), value in zip(counts, values, strict=True):
        found[column.name][name] = value
    return {
        column.name: {
            "Type": _get_kind(column),
            f"{_get_kind(column).title()}ColumnStatisticsData": found[column.name],
        }
        for column in table.columns
    }


def _list_counts(column: Column) -> list[tuple[str, str]]:
    """Names in Glue, with the expressions in SQL."""
    counts = {"NumberOfNulls": "count(*) - count({0})", **COUNTS.get(_get_kind(column), OTHER_COUNTS)}
    return [(name, expression.format(f'"{column.name}"')) for name, expression in counts.items()]


def _get_kind(column: Column) -> str:
    return KINDS.get(column.type.partition("(")[0], "LONG")
