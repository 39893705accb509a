"""Sample rows on the pretend AWS: what the caller's role may read, for some minutes, and nowhere else."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from demo.bank.accounts import BI
from kernel import clock
from requests_app.data_queries.actions import request_sample
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery, ResultPage
from requests_app.data_queries.queries import list_rows
from requests_app.data_queries.retention import erase_expired_rows
from requests_app.data_queries.states import QueryProblem, QueryState
from tests.database import as_role
from tests.workers.accounts.test_role_queries import trust_workers
from tests.workers.data_queries.query_setup import run_query
from tests.workers.mesh import Mesh

COLUMNS = ["policy_id", "gender"]


def request(mesh: Mesh) -> DataQuery:
    return request_sample(acting_user=mesh.people[BI], table_id=mesh.table.pk, now=clock.now())


def read_rows(mesh: Mesh, query: DataQuery) -> list[list[str | None]] | None:
    return list_rows(query, Caller(mesh.people[BI]), clock.now())


def grant_columns(mesh: Mesh, columns: list[str] = COLUMNS) -> Any:
    trust_workers(mesh)
    grant = mesh.grant(columns)
    mesh.run_until_presence(grant, "present")
    return grant


def test_the_columns_of_the_grant_are_read_for_some_minutes(
    mesh: Mesh, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    grant_columns(mesh)
    query = run_query(request(mesh))
    assert (query.state, query.error, query.columns) == (QueryState.SUCCEEDED, "", COLUMNS)
    rows = read_rows(mesh, query)
    assert rows
    assert 0 < len(rows) <= 20
    assert all(len(row) == len(COLUMNS) for row in rows)
    assert_no_value_is_kept(str(rows[0][0]), caplog.text)
    later = clock.now() + timedelta(minutes=6)
    assert list_rows(query, Caller(mesh.people[BI]), later) is None
    with as_role("meshmarket_worker"):
        assert erase_expired_rows(now=later) == 1
    assert not ResultPage.objects.exists()


def assert_no_value_is_kept(value: str, logged: str) -> None:
    """Neither in the row of the query, nor in an event, nor in a line of the log."""
    kept = json.dumps(list(DataQuery.objects.values()), default=str)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(data::text, ' '), '') FROM audit_event")
        kept += cursor.fetchone()[0]
    assert value not in kept
    assert value not in logged


def test_once_the_access_has_ended_nothing_is_read_or_shown(mesh: Mesh) -> None:
    grant = grant_columns(mesh)
    read, waiting = run_query(request(mesh)), request(mesh)
    mesh.revoke(grant)
    assert read_rows(mesh, read) is None
    waiting = run_query(waiting)
    assert (waiting.state, waiting.problem, waiting.execution) == ("failed", QueryProblem.ACCESS_ENDED, "")


def test_what_stops_a_query_is_said(mesh: Mesh, settings: Any) -> None:
    """A role without trust, a workgroup without a limit, and time."""
    mesh.run_until_presence(mesh.grant(COLUMNS), "present")
    assert run_query(request(mesh)).problem == QueryProblem.NOT_TRUSTED
    trust_workers(mesh)
    managed = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    mesh.cloud.client("athena", BI).create_work_group(Name=f"open-{mesh.database}", Configuration=managed)
    settings.QUERY_WORKGROUP = f"open-{mesh.database}"
    query = run_query(request(mesh))
    assert (query.problem, query.execution) == (QueryProblem.NO_SCAN_LIMIT, "")
    settings.QUERY_WORKGROUP, settings.QUERY_DEADLINE = "primary", 0
    query = run_query(request(mesh))
    assert (query.problem, bool(query.execution)) == (QueryProblem.TOO_LONG, True)
