"""Result files that the tools made themselves (`python -m tools.quality_reports.make`); the names hold their versions."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.quality.formats.reports import Report, RuleResult, parse_report

FILES = Path(__file__).with_name("files")
NAMES = sorted(path.name for path in FILES.glob("*.json") if not path.name.endswith("manifest.json"))
ONE_SIDED = ("soda-core-4.28.0-broken", "soda-core-4.28.0-part")
"""Nothing passed, and nothing failed."""
VALUES = ("XX00", "-4", "120.5", "80.0", "south", "Traceback", "/project", "/environment")
"""What rows of the tested table hold, and what errors tell of the machine."""


def read(name: str) -> list[Report]:
    (path,) = FILES.glob(name)
    return parse_report(path.read_bytes())


def get_rule(report: Report, name: str, column: str = "") -> RuleResult:
    (found,) = [one for one in report.rules if one.name == name and one.column == column]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_row_is_kept(name: str) -> None:
    for report in parse_report((FILES / name).read_bytes()):
        for rule in report.rules:
            told = f"{rule.observed}|{rule.expected}|{rule.message}"
            assert not any(value in told for value in VALUES), rule


@pytest.mark.parametrize("name", [one for one in NAMES if not one.startswith(ONE_SIDED)])
def test_each_file_says_which_rules_passed(name: str) -> None:
    (report,) = [one for one in parse_report((FILES / name).read_bytes()) if "claims" in one.dataset_name]
    assert {rule.passed for rule in report.rules} >= {True, False}
    for at in (report.started_at, report.finished_at):
        assert at is None or at.tzinfo is UTC


@pytest.mark.parametrize("version", ["1.12", "1.7"])
@pytest.mark.parametrize("has_manifest", [False, True])
def test_dbt(version: str, *, has_manifest: bool) -> None:
    (path,) = FILES.glob(f"dbt-core-{version}*-run_results.json")
    found = json.loads(path.read_text())
    if has_manifest:
        (manifest,) = FILES.glob(f"dbt-core-{version}*-manifest.json")
        found = {"run_results": found, "manifest": json.loads(manifest.read_text())}
    reports = {one.dataset_name: one for one in parse_report(json.dumps(found).encode())}
    report = reports["bank.main.claims"]
    assert (report.tool, report.tool_version[: len(version)]) == ("dbt", version)
    assert report.started_at is not None
    assert report.finished_at is not None
    assert report.started_at < report.finished_at
    unique = get_rule(report, "unique_claims_claim_id", "claim_id")
    assert (unique.passed, unique.failed_rows, unique.dimension) == (False, 1, "uniqueness")
    missing = get_rule(report, "not_null_claims_iban", "iban")
    assert (missing.passed, missing.is_warning, missing.dimension) == (False, True, "completeness")
    assert get_rule(report, "not_null_claims_claim_id", "claim_id").passed is True
    undecided = [one for each in reports.values() for one in each.rules if one.passed is None]
    assert [(one.message, one.is_error) for one in undecided] == [("The test could not be run.", True)]


@pytest.mark.parametrize("name", ["validation", "checkpoint", "description"])
def test_great_expectations_1(name: str) -> None:
    (report,) = read(f"great_expectations-1.*-{name}.json")
    missing = get_rule(report, "expect_column_values_to_not_be_null", "iban")
    assert (missing.passed, missing.failed_rows, missing.total_rows) == (False, 1, 3)
    assert missing.observed == "1 of 3 rows failed"
    lacking = get_rule(report, "expect_column_values_to_not_be_null", "no_column")
    # A description leaves exceptions out.
    assert (lacking.passed, lacking.is_error) == ((False, False) if name == "description" else (None, True))
    chosen = get_rule(report, "expect_column_values_to_be_in_set", "region")
    assert (chosen.passed, chosen.expected) == (True, "for at least 60% of rows")
    smallest = get_rule(report, "expect_column_min_to_be_between", "amount")
    assert (smallest.passed, smallest.observed) == (True, "")
    count = get_rule(report, "expect_table_row_count_to_be_between")
    assert (count.observed, count.expected, count.dimension) == ("3", "at least 1", "volume")


def test_great_expectations_1_names_dataset_version_and_time() -> None:
    (report,) = read("great_expectations-1.*-checkpoint.json")
    assert (report.dataset_name, report.tool_version[:2]) == ("bank.claims", "1.")
    assert report.finished_at is not None
    assert get_rule(report, "expect_column_values_to_not_be_null", "iban").is_warning


@pytest.mark.parametrize("name", ["validation", "checkpoint"])
def test_great_expectations_0(name: str) -> None:
    (report,) = read(f"great_expectations-0.18*-{name}.json")
    assert (report.dataset_name, report.tool_version) == ("bank.claims", "0.18.22")
    assert report.started_at is not None
    assert report.started_at > datetime(2026, 1, 1, tzinfo=UTC)
    unique = get_rule(report, "expect_column_values_to_be_unique", "claim_id")
    assert (unique.passed, unique.failed_rows, unique.dimension) == (False, 2, "uniqueness")
    assert get_rule(report, "expect_column_values_to_be_between", "amount").expected == "at least 0"


def test_soda() -> None:
    (report,) = read("soda-core-3.*-scan.json")
    assert (report.tool, report.tool_version, report.dataset_name) == ("soda", "3.5.6", "bank.claims")
    named = get_rule(report, "Each claim has an account", "iban")
    assert (named.passed, named.observed, named.expected, named.dimension) == (
        False, "1", "equal to 0", "completeness",
    )  # fmt: skip
    warned = get_rule(report, "missing_percent(iban) warn when > 10%", "iban")
    assert (warned.passed, warned.is_warning, warned.expected) == (False, True, "at most 10")
    assert get_rule(report, "row_count > 0").expected == "more than 0"
    assert get_rule(report, "min(amount) >= 0", "amount").observed == ""


def test_soda_4() -> None:
    (report,) = read("soda-core-4.28.0-contract.json")
    assert (report.tool, report.tool_version, report.dataset_name) == ("soda", "4", "main.claims")
    assert report.finished_at is not None
    named = get_rule(report, "Each claim has an account", "iban")
    assert (named.passed, named.failed_rows, named.total_rows, named.dimension) == (
        False, 1, 3, "completeness",
    )  # fmt: skip
    assert named.observed == "1"
    warned = get_rule(report, "No missing values", "iban")
    assert (warned.passed, warned.is_warning, warned.expected) == (False, True, "less than 10")
    count = get_rule(report, "Row count meets expected threshold")
    assert (count.passed, count.expected, count.dimension) == (True, "more than 0", "volume")
    smallest = get_rule(report, "Metric function meets threshold", "amount")
    assert (smallest.passed, smallest.observed) == (False, "")


def test_soda_4_errs_where_it_could_not_evaluate() -> None:
    (report,) = read("soda-core-4.*-broken-contract.json")
    schema = get_rule(report, "Schema matches expected structure")
    assert (schema.passed, schema.is_error) == (False, False)
    others = [one for one in report.rules if one is not schema]
    assert {(one.passed, one.is_error, one.observed) for one in others} == {(None, True, "")}


def test_soda_4_leaves_out_checks_that_a_run_did_not_choose() -> None:
    (report,) = read("soda-core-4.*-part-of-contract.json")
    chosen = get_rule(report, "Row count meets expected threshold")
    others = [one for one in report.rules if one is not chosen]
    assert chosen.passed is True
    assert {(one.passed, one.is_error, one.message) for one in others} == {
        (None, False, "The check was not run.")
    }
