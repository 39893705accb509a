"""Rulesets, their runs on real objects, and the results that stay."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import ControlError, InProcess
from mocklake.tests.glue_runs.test_crawlers import TRUST

CENTRAL = "111111111111"
SEED = str(Path(__file__).parents[3] / "mocklake/scenarios/seeds/pair.yaml")
ORDERS = {"GlueTable": {"DatabaseName": "sales", "TableName": "orders"}}
ROLE = f"arn:aws:iam::{CENTRAL}:role/checker"


@pytest.fixture
def aws() -> Iterator[InProcess]:
    """A role that Glue may assume, and may read two columns of the orders."""
    with InProcess(seed=SEED, manners="polite") as started:
        iam = started.client("iam", CENTRAL)
        iam.create_role(RoleName="checker", AssumeRolePolicyDocument=TRUST)
        rule = {"Effect": "Allow", "Action": ["glue:*", "lakeformation:GetDataAccess"], "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        iam.put_role_policy(RoleName="checker", PolicyName="work", PolicyDocument=text)
        columns = {"DatabaseName": "sales", "Name": "orders", "ColumnNames": ["id", "price"]}
        started.client("lakeformation", CENTRAL, "admin").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": ROLE},
            Resource={"TableWithColumns": columns},
            Permissions=["SELECT"],
        )
        yield started


@pytest.fixture
def glue(aws: InProcess) -> Any:
    return aws.client("glue", CENTRAL)


def start(glue: Any, *rulesets: str, **more: Any) -> str:
    asked = {"DataSource": ORDERS, "Role": "checker", "RulesetNames": list(rulesets)} | more
    return str(glue.start_data_quality_ruleset_evaluation_run(**asked)["RunId"])


def status(glue: Any, run: str) -> str:
    return str(glue.get_data_quality_ruleset_evaluation_run(RunId=run)["Status"])


def clock(aws: InProcess, seconds: float) -> None:
    aws.control("clock", {"offset_seconds": seconds})


def test_a_run_evaluates_rules_on_the_objects(aws: InProcess, glue: Any) -> None:
    glue.create_data_quality_ruleset(
        Name="good", Ruleset='Rules = [ RowCount = 3, IsUnique "id", Mean "price" > 9 ]'
    )
    glue.create_data_quality_ruleset(Name="other", Ruleset='Rules = [ IsComplete "id" ]')
    run = start(glue, "good", "other")
    assert status(glue, run) == "STARTING"
    clock(aws, 1.5)
    assert status(glue, run) == "RUNNING"
    clock(aws, 9)
    ended = glue.get_data_quality_ruleset_evaluation_run(RunId=run)
    assert (ended["Status"], len(ended["ResultIds"])) == ("SUCCEEDED", 2)
    result = glue.get_data_quality_result(ResultId=ended["ResultIds"][0])
    assert [one["Result"] for one in result["RuleResults"]] == ["PASS", "PASS", "FAIL"]
    assert (result["Score"], result["RulesetName"]) == (pytest.approx(2 / 3), "good")
    assert result["AggregatedMetrics"]["TotalRulesFailed"] == 1
    listed = glue.list_data_quality_results(Filter={"DataSource": ORDERS})["Results"]
    assert [one["ResultId"] for one in listed] == ended["ResultIds"][::-1]
    found = glue.batch_get_data_quality_result(ResultIds=[ended["ResultIds"][1], "none"])
    assert (found["Results"][0]["Score"], found["ResultsNotFound"]) == (1.0, ["none"])


def test_the_role_reads_what_lake_formation_grants_it(aws: InProcess, glue: Any) -> None:
    rules = 'Rules = [ ColumnExists "price", ColumnExists "customer", IsComplete "customer" ]'
    glue.create_data_quality_ruleset(Name="columns", Ruleset=rules)
    run = start(glue, "columns")
    clock(aws, 9)
    (number,) = glue.get_data_quality_ruleset_evaluation_run(RunId=run)["ResultIds"]
    outcomes = [one["Result"] for one in glue.get_data_quality_result(ResultId=number)["RuleResults"]]
    assert outcomes == ["PASS", "FAIL", "ERROR"]
    customers = {"GlueTable": {"DatabaseName": "sales", "TableName": "customers"}}
    run = start(glue, "columns", DataSource=customers)
    clock(aws, 18)
    failed = glue.get_data_quality_ruleset_evaluation_run(RunId=run)
    assert failed["Status"] == "FAILED"
    assert failed["ErrorString"].startswith("Insufficient Lake Formation permission(s)")


def test_a_cancelled_run_has_no_result(aws: InProcess, glue: Any) -> None:
    glue.create_data_quality_ruleset(Name="good", Ruleset="Rules = [ RowCount = 3 ]")
    run = start(glue, "good")
    glue.cancel_data_quality_ruleset_evaluation_run(RunId=run)
    assert status(glue, run) == "STOPPING"
    clock(aws, 9)
    assert status(glue, run) == "STOPPED"
    assert refused(glue.cancel_data_quality_ruleset_evaluation_run, RunId=run) == "InvalidInputException"
    assert glue.list_data_quality_results()["Results"] == []
    runs = glue.list_data_quality_ruleset_evaluation_runs(
        Filter={"DataSource": ORDERS, "RulesetName": "good"}
    )
    assert [one["RunId"] for one in runs["Runs"]] == [run]


def test_what_a_run_needs_must_be_there(glue: Any) -> None:
    assert refused(start, glue=glue, RulesetNames=["none"]) == "EntityNotFoundException"
    glue.create_data_quality_ruleset(Name="good", Ruleset="Rules = [ RowCount = 3 ]")
    missing = {"GlueTable": {"DatabaseName": "sales", "TableName": "none"}}
    named = {"RulesetNames": ["good"]}
    assert refused(start, glue=glue, **named, DataSource=missing) == "EntityNotFoundException"
    assert refused(start, glue=glue, **named, Role="analyst") == "InvalidInputException"
    first = start(glue, "good", ClientToken="once")
    assert start(glue, "good", ClientToken="once") == first
    assert refused(start, glue=glue, **named, ClientToken="once", Timeout=9) == "ConflictException"


def test_rulesets_are_kept_listed_changed_and_deleted(glue: Any) -> None:
    rules, target = "Rules = [ RowCount = 3, ColumnCount = 1 ]", ORDERS["GlueTable"]
    glue.create_data_quality_ruleset(Name="good", Ruleset=rules, TargetTable=target)
    assert refused(glue.create_data_quality_ruleset, Name="good", Ruleset=rules) == "AlreadyExistsException"
    assert refused(glue.create_data_quality_ruleset, Name="bad", Ruleset="no") == "InvalidInputException"
    (listed,) = glue.list_data_quality_rulesets(Filter={"TargetTable": target})["Rulesets"]
    assert (listed["Name"], listed["RuleCount"]) == ("good", 2)
    glue.update_data_quality_ruleset(Name="good", Ruleset="Rules = [ RowCount > 0 ]")
    assert glue.get_data_quality_ruleset(Name="good")["Ruleset"] == "Rules = [ RowCount > 0 ]"
    glue.delete_data_quality_ruleset(Name="good")
    assert refused(glue.get_data_quality_ruleset, Name="good") == "EntityNotFoundException"


def test_a_result_can_be_put_out_of_band(aws: InProcess, glue: Any) -> None:
    place = {"account": CENTRAL, "region": "eu-central-1", "DatabaseName": "sales", "Name": "orders"}
    rules = [{"Result": "PASS"}, {"Result": "FAIL", "EvaluationMessage": "too old"}]
    aws.control("change", {"do": "put_quality_result", **place, "RuleResults": rules})
    (listed,) = glue.list_data_quality_results()["Results"]
    found = glue.get_data_quality_result(ResultId=listed["ResultId"])
    assert (found["Score"], found["RuleResults"][1]["EvaluationMessage"]) == (0.5, "too old")
    with pytest.raises(ControlError):
        aws.control("change", {"do": "put_quality_result", **place, "RuleResults": []})


def test_a_result_of_the_past_can_be_put(aws: InProcess, glue: Any) -> None:
    place = {"account": CENTRAL, "region": "eu-central-1", "DatabaseName": "sales", "Name": "orders"}
    past = {"RulesetName": "nightly", "CompletedOn": "2026-01-02T03:04:05+00:00"}
    aws.control("change", {"do": "put_quality_result", **place, "RuleResults": [{"Result": "PASS"}], **past})
    later = {"StartedAfter": datetime(2026, 2, 1, tzinfo=UTC)}
    assert glue.list_data_quality_results(Filter=later)["Results"] == []
    (listed,) = glue.list_data_quality_results(Filter={"StartedBefore": later["StartedAfter"]})["Results"]
    assert glue.get_data_quality_result(ResultId=listed["ResultId"])["RulesetName"] == "nightly"
