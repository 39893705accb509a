"""Queries are listed, fetched together and by pages, and started once for one token."""

from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR

MANAGED = {"ManagedQueryResultsConfiguration": {"Enabled": True}}


@pytest.fixture(scope="module")
def aws() -> InProcess:
    return InProcess(PAIR)


def _start(athena: Any, sql: str, **options: Any) -> str:
    return str(athena.start_query_execution(QueryString=sql, **options)["QueryExecutionId"])


def test_the_newest_are_listed_first_by_workgroup(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    athena.create_work_group(Name="listed", Configuration=MANAGED)
    ids = [_start(athena, f"SELECT {number}", WorkGroup="listed") for number in range(3)]
    first = athena.list_query_executions(WorkGroup="listed", MaxResults=2)
    rest = athena.list_query_executions(WorkGroup="listed", NextToken=first["NextToken"])
    assert first["QueryExecutionIds"] + rest["QueryExecutionIds"] == ids[::-1]
    assert set(ids).isdisjoint(athena.list_query_executions()["QueryExecutionIds"])


def test_several_are_fetched_together_and_the_missing_told(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    query = _start(athena, "SELECT 1")
    found = athena.batch_get_query_execution(QueryExecutionIds=[query, "none"])
    assert [one["QueryExecutionId"] for one in found["QueryExecutions"]] == [query]
    assert [one["QueryExecutionId"] for one in found["UnprocessedQueryExecutionIds"]] == ["none"]
    elsewhere = aws.client("athena", CONSUMER, "admin")
    assert refused(elsewhere.get_query_execution, QueryExecutionId=query) == "InvalidRequestException"


def test_one_token_starts_one_query(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    token = {"ClientRequestToken": "t" * 32}
    assert _start(athena, "SELECT 1", **token) == _start(athena, "SELECT 1", **token)
    assert refused(athena.start_query_execution, QueryString="SELECT 2", **token) == "InvalidRequestException"


def test_results_come_by_pages_with_one_heading(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    query = _start(athena, "SELECT * FROM (VALUES (1), (2), (3)) AS t(n)")
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=query, PaginationConfig={"PageSize": 2}
    )
    rows = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert rows == ["n", "1", "2", "3"]


def test_tables_are_joined(aws: InProcess) -> None:
    lake = aws.client("lakeformation", CENTRAL, "admin")
    who = {"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/analyst"}
    for database in ("sales", "claims"):
        tables: dict[str, Any] = {"Table": {"DatabaseName": database, "TableWildcard": {}}}
        lake.grant_permissions(Principal=who, Resource=tables, Permissions=["SELECT"])
    sql = "SELECT o.customer, c.amount FROM sales.orders o JOIN claims.open c ON o.id = c.id JOIN sales.customers k ON k.name = o.customer"
    assert ask(aws.client("athena", CENTRAL, "analyst"), sql).rows[1:] == [["Ada", "100.0"]]


def test_a_disabled_workgroup_runs_nothing(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    athena.create_work_group(Name="shut", Description="d")
    athena.update_work_group(WorkGroup="shut", State="DISABLED")
    wanted = {"QueryString": "SELECT 1", "WorkGroup": "shut"}
    assert refused(athena.start_query_execution, **wanted) == "InvalidRequestException"
    shown = [(one["Name"], one["State"]) for one in athena.list_work_groups()["WorkGroups"]]
    assert ("shut", "DISABLED") in shown


def test_a_workgroup_goes_with_its_queries_only(aws: InProcess) -> None:
    athena = aws.client("athena", CENTRAL, "admin")
    athena.create_work_group(Name="going", Configuration=MANAGED)
    assert refused(athena.create_work_group, Name="going") == "InvalidRequestException"
    query = _start(athena, "SELECT 1", WorkGroup="going")
    assert refused(athena.delete_work_group, WorkGroup="going") == "InvalidRequestException"
    athena.delete_work_group(WorkGroup="going", RecursiveDeleteOption=True)
    assert refused(athena.get_work_group, WorkGroup="going") == "InvalidRequestException"
    assert refused(athena.get_query_execution, QueryExecutionId=query) == "InvalidRequestException"
    assert refused(athena.delete_work_group, WorkGroup="primary") == "InvalidRequestException"
