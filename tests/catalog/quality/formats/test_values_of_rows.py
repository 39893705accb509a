"""What a rule observed is shown to whoever sees the table, so it is never the value of a row."""

from datetime import UTC, datetime

import pytest

from catalog.quality.formats.reports import read_dataset_report, read_plain
from catalog.quality.formats.values import Found, names_value_of_row
from catalog.quality.glue_results import read_result


@pytest.mark.parametrize(
    ("kind", "is_value"),
    [
        ("Maximum", True),
        ("MinimumLength", True),
        ("CustomSQL", True),
        ("min(amount) >= 0", True),
        ("claims-amount-max", True),
        ("percentile(amount, 0.9)", True),
        ("DistinctValuesCount", False),
        ("Completeness", False),
        ("row_count > 0", False),
        ("avg(amount) between 1 and 2", False),
        ("missing_count(customer_id) = 0", False),
    ],
)
def test_names_of_metrics_that_are_the_value_of_a_row(kind: str, is_value: bool) -> None:  # noqa: FBT001 - a case
    assert names_value_of_row(kind) is is_value


@pytest.mark.parametrize(
    ("metric", "observed"),
    [("Column.amount.Maximum", ""), ("Column.amount.Completeness", "0.5"), ("odd", "")],
)
def test_glue_results_keep_no_value_of_a_row(metric: str, observed: str) -> None:
    rule = {"Result": "FAIL", "EvaluatedRule": 'X "amount"', "EvaluatedMetrics": {metric: 0.5}}
    row = {"ResultId": "r-1", "CompletedOn": datetime(2026, 3, 2, tzinfo=UTC), "RuleResults": [rule]}
    result = read_result(row, table_id=1, scope="x")
    assert result is not None
    assert [one.observed for one in result.rules] == [observed]


@pytest.mark.parametrize(("kind", "observed"), [("max", ""), ("row_count", "98,765")])
def test_assertions_and_own_results_keep_no_value_of_a_row(kind: str, observed: str) -> None:
    assertion = {"assertion": kind, "success": False, "actual": "98765", "column": "amount"}
    facets = {"dataQualityAssertions": {"assertions": [assertion]}}
    dataset: Found = {"namespace": "s3://lake", "name": "claims", "facets": facets}
    report = read_dataset_report(dataset, None)
    assert report is not None
    own = read_plain({"dataset": "claims", "rules": [{"name": kind, "passed": False, "observed": 98765}]})
    assert [one.observed for one in (*report.rules, *own.rules)] == [observed, observed]
