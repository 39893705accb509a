"""Rules that did not pass and rules that the tool could not decide are told apart, and both count."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.quality.formats.reports import parse_report
from catalog.quality.intake import read_rule
from catalog.quality.results import count_rules
from catalog.quality.states import RuleOutcome

AT = datetime(2026, 11, 29, tzinfo=UTC).isoformat()
PASSED, FAILED, ERROR, SKIPPED = (
    RuleOutcome.PASSED, RuleOutcome.FAILED, RuleOutcome.ERROR, RuleOutcome.SKIPPED,
)  # fmt: skip


def read_outcomes(file: dict[str, Any]) -> list[RuleOutcome]:
    (report,) = parse_report(json.dumps(file).encode())
    return [read_rule(one).outcome for one in report.rules]


def write_dbt(*statuses: str) -> dict[str, Any]:
    results = [
        {
            "unique_id": f"test.bank.rule_{number}.1",
            "status": status,
            "failures": None,
            "compiled_code": "select 1 from b.c",
        }
        for number, status in enumerate(statuses)
    ]
    return {"metadata": {"dbt_schema_version": "v6", "generated_at": AT}, "results": results}


def write_expectation(
    kind: str, *, success: bool, result: dict[str, Any] | None = None, raised: bool = False
) -> dict[str, Any]:
    config = {"type": kind, "kwargs": {"column": "c"}}
    info = {"raised_exception": raised}
    return {"success": success, "result": result or {}, "expectation_config": config, "exception_info": info}


def write_great_expectations(*results: dict[str, Any]) -> dict[str, Any]:
    meta = {"great_expectations_version": "1.5.0", "active_batch_definition": {"data_asset_name": "c"}}
    return {"success": False, "results": list(results), "meta": meta}


def write_soda(*outcomes: str | None, has_errors: bool) -> dict[str, Any]:
    checks = [
        {"name": f"check {number}", "table": "c", "outcome": one} for number, one in enumerate(outcomes)
    ]
    return {"definitionName": "x", "scanStartTimestamp": AT, "hasErrors": has_errors, "checks": checks}


@pytest.mark.parametrize(
    ("file", "outcomes"),
    [
        (write_dbt("pass", "error"), [PASSED, ERROR]),
        (write_dbt("pass", "runtime error", "skipped"), [PASSED, ERROR, SKIPPED]),
        (write_dbt("pass", "reused", "no-op"), [PASSED, SKIPPED, SKIPPED]),
        (write_dbt(*["error"] * 10), [ERROR] * 10),
        (
            write_great_expectations(
                write_expectation("expect_column_to_exist", success=False),
                write_expectation("expect_column_values_to_be_unique", success=True),
                write_expectation("expect_column_values_to_be_unique", success=False, raised=True),
            ),
            [FAILED, PASSED, ERROR],
        ),
        (write_soda("pass", None, has_errors=True), [PASSED, ERROR]),
        (write_soda("pass", None, has_errors=False), [PASSED, SKIPPED]),
    ],
)
def test_each_rule_has_the_outcome_that_its_tool_tells(
    file: dict[str, Any], outcomes: list[RuleOutcome]
) -> None:
    assert read_outcomes(file) == outcomes


@pytest.mark.parametrize("success", [True, False])
def test_without_details_of_great_expectations_success_alone_counts(*, success: bool) -> None:
    file = write_great_expectations(write_expectation("expect_column_values_to_be_unique", success=success))
    assert read_outcomes(file) == [PASSED if success else FAILED]


STATUSES = st.sampled_from(["pass", "fail", "warn", "error", "runtime error", "skipped", "anything"])


@given(st.lists(STATUSES, min_size=1, max_size=12), STATUSES.filter(lambda one: one != "pass"))
def test_a_score_never_rises_by_a_rule_that_did_not_pass(statuses: list[str], added: str) -> None:
    def compute_share(rules: list[str]) -> float:
        (report,) = parse_report(json.dumps(write_dbt(*rules)).encode())
        passed, evaluated = count_rules(read_rule(one) for one in report.rules)
        return passed / evaluated if evaluated else 0.0

    assert compute_share([*statuses, added]) <= compute_share(statuses)
