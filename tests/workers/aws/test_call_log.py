"""Each call to AWS is counted by its outcome; one that AWS refuses is a log line with the id to quote."""

import logging

import pytest

from demo.bank.accounts import GOVERNANCE, REGION
from fulfilment.health import CallTotal
from marketplace.structured_logging import LogContextFilter
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws.calls import Call, drain_counts, write_call_counts
from workers.aws.errors import AwsError, translate_errors
from workers.aws.sessions import get_client

Outcome = CallTotal.Outcome
TABLES = Call(GOVERNANCE, REGION, "GetTables")


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.handler.addFilter(LogContextFilter())
    caplog.set_level(logging.INFO, logger="workers.aws.calls")
    drain_counts()
    return caplog


def read_tables(mesh: Mesh, database: str) -> None:
    glue = get_client("glue", account=mesh.catalog.account, role="observer", region=REGION)
    with translate_errors():
        glue.get_tables(DatabaseName=database)


def test_a_denied_call_is_logged_with_the_id_to_quote(mesh: Mesh, records: pytest.LogCaptureFixture) -> None:
    read_tables(mesh, mesh.database)
    mesh.cloud.control(
        "faults", {"kind": "error", "operation": "GetTables", "code": "AccessDeniedException", "count": 1}
    )
    with pytest.raises(AwsError) as refused:
        read_tables(mesh, mesh.database)
    counts = drain_counts()
    assert (counts[TABLES, Outcome.SUCCEEDED], counts[TABLES, Outcome.DENIED]) == (1, 1)
    (record,) = records.records
    assert record.__dict__["ids"] == {
        "account": GOVERNANCE, "region": REGION, "operation": "GetTables", "aws_request_id": refused.value.request_id,
    }  # fmt: skip
    assert refused.value.request_id


def test_what_is_absent_is_counted_and_not_logged(mesh: Mesh, records: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AwsError):
        read_tables(mesh, "no_such_database")
    assert drain_counts()[TABLES, Outcome.ABSENT] == 1
    assert records.records == []


def test_a_call_without_a_response_is_counted_and_logged(
    mesh: Mesh, records: pytest.LogCaptureFixture
) -> None:
    mesh.cloud.control("faults", {"kind": "lost", "operation": "GetTables"})
    with pytest.raises(AwsError):
        read_tables(mesh, mesh.database)
    assert drain_counts()[TABLES, Outcome.UNANSWERED] == 1
    assert [record.__dict__["ids"]["operation"] for record in records.records] == ["GetTables"]


def test_a_role_is_assumed_in_its_account(mesh: Mesh) -> None:
    drain_counts()
    read_tables(mesh, mesh.database)
    assert drain_counts()[Call(GOVERNANCE, REGION, "AssumeRole"), Outcome.SUCCEEDED] == 1


def test_totals_by_outcome_only_grow(mesh: Mesh) -> None:
    drain_counts()
    for _ in range(2):
        read_tables(mesh, mesh.database)
        with as_role("meshmarket_worker"):
            write_call_counts(interval=0)
    total = CallTotal.objects.get(account_id=GOVERNANCE, operation="GetTables")
    assert (total.outcome, total.calls) == (Outcome.SUCCEEDED, 2)
