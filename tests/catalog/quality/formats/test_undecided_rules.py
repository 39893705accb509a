"""Rules that did not pass and rules that the tool could not decide are told apart, and both count."""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.quality.formats.reports import parse_report, read_dataset_report
from catalog.quality.glue_results import read_result
from catalog.quality.intake import read_rule
from catalog.quality.models import RuleOutcome
from catalog.quality.results import count_rules

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


# What each tool may say of a rule. Words that no version knows stand for those of later ones.
DBT_WORDS = (
    "pass",
    "fail",
    "warn",
    "error",
    "runtime error",
    "skipped",
    "reused",
    "no-op",
    "success",
    "anything",
)
SODA_WORDS = ("pass", "fail", "warn", None, "excluded", "unevaluated", "anything")
GREAT_EXPECTATIONS_WORDS = (
    (True, False), (False, False), (True, True), (False, True), (None, False), ("true", False),
)  # fmt: skip
"""Success, and whether an exception was raised."""
PLAIN_WORDS = ((True, False), (False, False), (False, True), (None, False), (None, True))
"""Passed, and whether the rule is a warning."""
Write = Callable[[Sequence[Any]], dict[str, Any]]


def write_expectations(rules: Sequence[tuple[Any, bool]]) -> dict[str, Any]:
    kind = "expect_column_values_to_be_unique"
    return write_great_expectations(
        *[write_expectation(kind, success=success, raised=raised) for success, raised in rules]
    )


def write_plain(rules: Sequence[tuple[bool | None, bool]]) -> dict[str, Any]:
    rows = [
        {"name": f"rule {number}", "passed": passed, "is_warning": is_warning}
        for number, (passed, is_warning) in enumerate(rules)
    ]
    return {"dataset": "b.c", "rules": rows}


def compute_share(file: dict[str, Any]) -> float:
    (report,) = parse_report(json.dumps(file).encode())
    passed, evaluated = count_rules(read_rule(one) for one in report.rules)
    return passed / evaluated if evaluated else 0.0


@pytest.mark.parametrize(
    ("write", "words", "passing"),
    [
        pytest.param(lambda rules: write_dbt(*rules), DBT_WORDS, {"pass"}, id="dbt"),
        pytest.param(lambda rules: write_soda(*rules, has_errors=True), SODA_WORDS, {"pass"}, id="soda with errors"),
        pytest.param(lambda rules: write_soda(*rules, has_errors=False), SODA_WORDS, {"pass"}, id="soda"),
        pytest.param(write_expectations, GREAT_EXPECTATIONS_WORDS, {(True, False)}, id="great_expectations"),
        pytest.param(write_plain, PLAIN_WORDS, {(True, False)}, id="plain"),
    ],
)  # fmt: skip
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_score_never_rises_by_a_rule_that_did_not_pass(
    write: Write, words: Sequence[Any], passing: Collection[Any], data: st.DataObject
) -> None:
    rules = data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=12))
    added = data.draw(st.sampled_from([one for one in words if one not in passing]))
    place = data.draw(st.integers(0, len(rules)))
    assert compute_share(write([*rules[:place], added, *rules[place:]])) <= compute_share(write(rules))


@pytest.mark.parametrize(("written", "outcome"), [("pass", PASSED), ("success", ERROR), ("reused", SKIPPED)])
def test_dbt_fusion_says_pass_and_its_success_is_no_pass(written: str, outcome: RuleOutcome) -> None:
    """It writes `success` of what ran, whatever came of it."""
    assert read_outcomes(write_dbt(written)) == [outcome]


def test_soda_4_could_not_evaluate_is_an_error_and_excluded_is_not() -> None:
    file = write_soda("pass", "unevaluated", "excluded", has_errors=True)
    assert read_outcomes(file) == [PASSED, ERROR, SKIPPED]


def test_what_our_own_format_and_lineage_events_leave_open_is_an_error() -> None:
    assert read_outcomes(write_plain([(True, False), (None, False)])) == [PASSED, ERROR]
    assertions = [{"assertion": "unique", "success": True}, {"assertion": "not_null", "success": None}]
    facets = {"dataQualityAssertions": {"assertions": assertions}}
    report = read_dataset_report({"namespace": "s3://lake", "name": "claims", "facets": facets}, None)
    assert report is not None
    assert [read_rule(one).outcome for one in report.rules] == [PASSED, ERROR]


def test_what_glue_does_not_call_pass_or_fail_is_an_error() -> None:
    rules = [{"Result": word, "EvaluatedRule": 'IsComplete "c"'} for word in ("PASS", "ERROR", "ELSE", None)]
    row = {"ResultId": "r", "CompletedOn": datetime(2026, 3, 2, tzinfo=UTC), "RuleResults": rules}
    result = read_result(row, table_id=1, scope="x")
    assert result is not None
    assert [one.outcome for one in result.rules] == [PASSED, ERROR, ERROR, ERROR]
