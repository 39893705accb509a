"""Queries of a consuming account, by Athena's history in the pretend AWS."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.usage.models import ColumnUseDay, CountedQuery, QueryDay, QueryHistory, WorkgroupReading
from demo.bank.accounts import BI
from fulfilment.health import read_wall_clock
from identity.accounts import Account
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers import query_history
from workers.query_history import parse_execution, parse_is_waiting, read_query_history

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
EXECUTION = "5f2a7c1e-0d55-4c39-9d0f-2f4a4f3d1c11"


@dataclass
class History:
    mesh: Mesh

    @property
    def account(self) -> Account:
        return Account.objects.get(account_id=BI)

    def read(self) -> int:
        """How many queries were counted."""
        with as_role("meshmarket_worker"):
            return read_query_history(self.account.pk)

    @property
    def row(self) -> QueryHistory:
        return QueryHistory.objects.get(account=self.account)

    def count_own_queries(self) -> int:
        rows = QueryDay.objects.filter(catalog=self.mesh.catalog, database=self.mesh.database, table="lives")
        return sum(row.queries for row in rows)


@pytest.fixture
def history(mesh: Mesh, settings: Any) -> History:
    settings.QUERY_HISTORY_DELAY = 0
    return History(mesh)


def test_a_query_through_a_link_counts_for_the_owners_table_once(history: History) -> None:
    mesh = history.mesh
    grant = mesh.grant(["policy_id"])
    mesh.run_until_presence(grant, "present")
    history.read()
    assert mesh.select_as_role("policy_id").state == "SUCCEEDED"
    assert history.read() == 1
    assert history.read() == 0
    assert history.count_own_queries() == 1
    use = ColumnUseDay.objects.get(catalog=mesh.catalog, database=mesh.database)
    assert (use.table, use.column, use.account) == ("lives", "policy_id", history.account)
    assert WorkgroupReading.objects.get(history=history.row, name="primary").is_caught_up
    assert history.row.since is not None
    assert read_wall_clock() - history.row.since > timedelta(days=44)


def test_a_pass_that_is_cut_short_is_completed_by_the_next(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.read()
    athena = history.mesh.cloud.client("athena", BI)
    for number in range(7):
        athena.start_query_execution(QueryString=f"SELECT {number}")
    monkeypatch.setattr("workers.aws.athena.PAGE_SIZE", 3)
    monkeypatch.setattr(query_history, "MAX_QUERIES", 3)
    until = history.row.until
    assert history.read() == 3
    assert not WorkgroupReading.objects.get(history=history.row, name="primary").is_caught_up
    assert history.row.until == until
    assert [history.read(), history.read(), history.read()] == [3, 1, 0]
    assert WorkgroupReading.objects.get(history=history.row, name="primary").is_caught_up


def test_an_account_that_lets_nobody_read_its_history_says_so(history: History) -> None:
    iam = history.mesh.cloud.client("iam", BI)
    name = history.account.observer_role_arn.rsplit("/", 1)[-1]
    denied = {"Effect": "Deny", "Action": "athena:*", "Resource": "*"}
    iam.put_role_policy(
        RoleName=name, PolicyName="hides", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    )  # fmt: skip
    try:
        assert history.read() == 0
        assert "not authorized" in history.row.trouble
        assert history.row.since is None
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="hides")
    history.read()
    assert history.row.trouble == ""


def test_a_crash_while_a_page_is_stored_counts_nothing(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.read()
    before = CountedQuery.objects.count()
    history.mesh.cloud.client("athena", BI).start_query_execution(QueryString="SELECT 1")

    def crash(*_arguments: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(WorkgroupReading, "save", crash)
        with pytest.raises(RuntimeError):
            history.read()
    assert CountedQuery.objects.count() == before
    assert history.read() == 1


def build_row(**changes: Any) -> dict[str, Any]:
    """As the documentation of BatchGetQueryExecution shows it."""
    return {
        "QueryExecutionId": EXECUTION, "Query": "SELECT a FROM t", "StatementType": "DML",
        "ResultConfiguration": {"OutputLocation": "s3://results/"}, "QueryExecutionContext": {"Database": "links"},
        "Status": {"State": "SUCCEEDED", "SubmissionDateTime": NOW, "CompletionDateTime": NOW},
        "Statistics": {"EngineExecutionTimeInMillis": 120, "DataScannedInBytes": 4096}, "WorkGroup": "primary",
    } | changes  # fmt: skip


def test_a_query_is_parsed_as_athena_tells_it() -> None:
    found = parse_execution(build_row())
    assert found is not None
    assert (str(found.execution), found.submitted_at, found.scanned_bytes) == (EXECUTION, NOW, 4096)
    assert (found.text, found.database, found.state) == ("SELECT a FROM t", "links", "SUCCEEDED")


def test_a_query_that_lacks_statistics_and_context_scanned_nothing() -> None:
    row = build_row()
    del row["Statistics"], row["QueryExecutionContext"], row["Query"]
    found = parse_execution(row)
    assert found is not None
    assert (found.scanned_bytes, found.text, found.database) == (0, "", "")


@pytest.mark.parametrize(
    "changes", [{"Status": {"State": "SUCCEEDED"}}, {"QueryExecutionId": "no id"}, {"Status": None}]
)
def test_a_query_without_id_or_time_is_left_out(changes: dict[str, Any]) -> None:
    assert parse_execution(build_row(**changes)) is None


def test_a_query_that_still_runs_or_is_new_waits() -> None:
    running = build_row(Status={"State": "RUNNING", "SubmissionDateTime": NOW})
    assert parse_execution(running) is None
    assert parse_is_waiting(running, NOW + timedelta(hours=1))
    assert parse_is_waiting(build_row(), NOW - timedelta(seconds=1))
    assert not parse_is_waiting(build_row(), NOW)
