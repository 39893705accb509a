"""Files that are refused, with the place of the fault; limits; and our plain format."""

import json
from typing import Any

import pytest

from catalog.quality.formats.reports import UnreadableReport, parse_report
from catalog.quality.formats.values import MAX_BYTES, MAX_DEPTH, MAX_RULES, MAX_TEXT_LENGTH

RULE: dict[str, Any] = {"name": "claims are unique", "passed": True}
PLAIN: dict[str, Any] = {"dataset": "insurance.claims", "rules": [RULE]}


def parse(found: Any) -> Any:
    return parse_report(json.dumps(found).encode())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": "\xff"}', "not in UTF-8"),
        (b"[]", "JSON object"),
        (b"{}", "no result file"),
        (b'{"checks": [], "definitionName": "x"}', "no result of a test"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "too deeply"),
        (b"[" * 200_000, "too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (b" " * (MAX_BYTES + 1), "more than 20 MB"),
    ],
)
def test_what_is_no_result_file_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableReport, match=message):
        parse_report(body)


@pytest.mark.parametrize(
    ("found", "path"),
    [
        ({**PLAIN, "rules": {}}, "rules"),
        ({**PLAIN, "rules": [1]}, "rules.0"),
        ({**PLAIN, "dataset": ""}, "dataset"),
        ({**PLAIN, "dataset": 7}, "dataset"),
        ({**PLAIN, "finished_at": "yesterday"}, "finished_at"),
        ({**PLAIN, "rows": []}, "rows"),
        ({**PLAIN, "rules": [{**RULE, "name": ""}]}, "rules.0.name"),
        ({**PLAIN, "rules": [RULE, {**RULE, "passed": "yes"}]}, "rules.1.passed"),
        ({**PLAIN, "rules": [{**RULE, "dimension": "beauty"}]}, "rules.0.dimension"),
        ({**PLAIN, "rules": [{**RULE, "sample": []}]}, "rules.0.sample"),
        ({"run_id": {}, "run_results": []}, "run_results"),
        ({"run_id": {}, "run_results": {"a": 1}}, "run_results.0"),
        (
            {"run_id": {}, "run_results": {"a": {"validation_result": {}}}},
            "run_results.0.validation_result.results",
        ),
        ({"metadata": {"dbt_schema_version": "x"}, "results": [1]}, "results.0"),
        ({"run_results": {"metadata": {"dbt_schema_version": "x"}, "results": 1}}, "run_results.results"),
        ({"definitionName": "x", "checks": [[]]}, "checks.0"),
        ({"validation_results": [{"expectations": "x"}]}, "validation_results.0.expectations"),
    ],
)
def test_a_fault_is_named_by_its_place(found: Any, path: str) -> None:
    with pytest.raises(UnreadableReport) as refused:
        parse(found)
    assert refused.value.path == path


def test_too_many_rules_are_refused() -> None:
    with pytest.raises(UnreadableReport, match="results of rules"):
        parse({**PLAIN, "rules": [RULE] * (MAX_RULES + 1)})


def test_the_plain_format() -> None:
    (report,) = parse(
        {
            **PLAIN,
            "tool": "nightly-checks",
            "tool_version": "4",
            "started_at": "2026-11-28T02:00:00+01:00",
            "finished_at": "2026-11-28T01:05:00Z",
            "rules": [
                {
                    **RULE,
                    "passed": False,
                    "column": "claim_id",
                    "observed": 0.97,
                    "expected": "1",
                    "failed_rows": 30,
                }
            ],
        }
    )
    assert (report.tool, report.dataset_name) == ("nightly-checks", "insurance.claims")
    assert (report.finished_at - report.started_at).total_seconds() == 300
    (rule,) = report.rules
    assert (rule.dimension, rule.observed, rule.expected, rule.failed_rows) == ("uniqueness", "0.97", "1", 30)


def test_texts_can_be_stored_and_are_short() -> None:
    (report,) = parse({**PLAIN, "rules": [{**RULE, "name": "a\0b\n\ud800 " + "x" * 5000, "message": "\t"}]})
    (rule,) = report.rules
    assert rule.name.startswith("a\ufffdb \ufffd xxx")
    assert (len(rule.name), rule.message) == (MAX_TEXT_LENGTH, "")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1", "true"])
def test_odd_numbers_are_no_counts(number: str) -> None:
    body = f'{{"dataset": "a", "rules": [{{"name": "b", "passed": true, "failed_rows": {number}}}]}}'
    (report,) = parse_report(body.encode())
    assert report.rules[0].failed_rows is None
