"""Rules on real rows: what is measured and how it is judged."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from mocklake.athena.objects import File
from mocklake.athena.sources import Source
from mocklake.athena.sql_text import TableName
from mocklake.glue_runs.evaluation import compute_score, evaluate, parse_ruleset

NOW = datetime(2026, 1, 3, tzinfo=UTC)
ROWS = """
SELECT * FROM (VALUES
    (1, 'ann', 1.0, timestamp '2026-01-02 23:00:00'),
    (2, 'bob', 2.0, timestamp '2026-01-02 22:00:00'),
    (3, 'bob', 3.0, timestamp '2026-01-01 00:00:00'),
    (4, NULL, 4.0, timestamp '2026-01-02 21:00:00')
) AS rows(id, name, price, "at")
"""
COLUMNS = (("id", "int"), ("name", "string"), ("price", "double"), ("at", "timestamp"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    path: Path = tmp_path_factory.mktemp("rows") / "x.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({ROWS}) TO '{path}' (FORMAT parquet)")
    return Source(TableName("d", "t"), COLUMNS, (File(path.read_bytes()),), stored=COLUMNS)


@pytest.mark.parametrize(
    "rule",
    [
        'IsComplete "id"',
        'Completeness "name" between 0.7 and 0.8',
        'IsUnique "id"',
        'Uniqueness "name" < 0.5',
        'UniqueValueRatio "name" = 0.5',
        'IsPrimaryKey "id" "price"',
        'ColumnValues "id" > 0',
        'ColumnValues "id" between 0 and 5',
        'ColumnValues "name" in ["ann", "bob", NULL]',
        'ColumnValues "name" != NULL with threshold > 0.7',
        'ColumnValues "name" matches "[a-z]{3}" where "name IS NOT NULL"',
        'ColumnLength "name" = 3 with threshold = 0.75',
        'ColumnExists "Name"',
        "ColumnCount = 4",
        "RowCount = 4",
        "RowCount = 2 where \"name = 'bob'\"",
        'DistinctValuesCount "name" = 2',
        'Mean "price" = 2.5',
        'Sum "price" >= 10',
        'StandardDeviation "price" < 1.2',
        'DataFreshness "at" <= 2 days',
        'DataFreshness "at" < 12 hours with threshold >= 0.75',
        '(RowCount = 4) and (IsComplete "id")',
        '(RowCount = 5) or (IsComplete "id")',
        'IsComplete "id" where "id > 99"',
    ],
)
def test_a_rule_that_is_met_passes(source: Source, rule: str) -> None:
    (found,) = evaluate(parse_ruleset(f"Rules = [ {rule} ]"), source, NOW)
    assert found["Result"] == "PASS", found


@pytest.mark.parametrize(
    "rule",
    [
        'IsComplete "name"',
        'IsUnique "name"',
        'IsPrimaryKey "name"',
        'ColumnValues "name" in ["ann", "bob"]',
        'ColumnValues "id" between 1 and 4',
        'ColumnValues "name" not matches "b.*" where "name IS NOT NULL"',
        'ColumnExists "missing"',
        "RowCount > 4",
        'DataFreshness "at" <= 1 day',
        '(RowCount = 4) and (IsComplete "name")',
        'Mean "price" > 3 where "id > 99"',
    ],
)
def test_a_rule_that_is_not_met_fails_with_a_message(source: Source, rule: str) -> None:
    (found,) = evaluate(parse_ruleset(f"Rules = [ {rule} ]"), source, NOW)
    assert (found["Result"], bool(found["EvaluationMessage"])) == ("FAIL", True), found


@pytest.mark.parametrize(
    "rule",
    ['IsComplete "missing"', 'Mean "name" > 1', 'RowCount > 1 where "nonsense = 1"',
     'RowCount > 1 where "1 = (SELECT count(*) FROM read_text(\'/etc/passwd\'))"'],
)  # fmt: skip
def test_a_rule_that_cannot_be_evaluated_is_an_error(source: Source, rule: str) -> None:
    (found,) = evaluate(parse_ruleset(f"Rules = [ {rule} ]"), source, NOW)
    assert (found["Result"], bool(found["EvaluationMessage"])) == ("ERROR", True), found


def test_what_was_measured_is_told_by_name(source: Source) -> None:
    rules = 'RowCount > 1, Completeness "name" > 0.9, (IsUnique "id") and (ColumnCount > 9)'
    found = evaluate(parse_ruleset(f"Rules = [ {rules} ]"), source, NOW)
    assert [one["EvaluatedMetrics"] for one in found] == [
        {"Dataset.*.RowCount": 4.0},
        {"Column.name.Completeness": 0.75},
        {"Column.id.Uniqueness": 1.0, "Dataset.*.ColumnCount": 4.0},
    ]
    assert found[1]["EvaluationMessage"] == "Value: 0.75 does not meet the constraint requirement!"
    assert [one["Name"] for one in found] == ["Rule_1", "Rule_2", "Rule_3"]
    assert compute_score(found) == pytest.approx(1 / 3)
