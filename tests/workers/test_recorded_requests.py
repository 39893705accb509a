"""No worker acts upon a row that the web's database role inserted without the event of who asked for it."""

import pytest
from django.db import connection

from audit.models import Event
from demo.bank.accounts import BI
from kernel import clock
from requests_app.data_queries.actions import request_sample
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.states import QueryState
from requests_app.table_credentials.models import CredentialSecret, TableCredential
from requests_app.table_credentials.states import CredentialState
from tests.database import as_role
from tests.requests_app.compromised_web.attacker import run_statement
from tests.workers.accounts.test_role_queries import trust_workers
from tests.workers.data_queries.query_setup import run_query
from tests.workers.mesh import Mesh
from tests.workers.table_credentials.test_vending import request_whole_table
from workers.recorded_requests import NOT_RECORDED
from workers.table_credentials import vend_credentials

COPY_CREDENTIAL = """INSERT INTO requests_tablecredential
  (product_id, table_id, principal_id, requested_by_id, requested_at, seconds, state)
SELECT product_id, table_id, principal_id, requested_by_id, now(), {seconds}, 'waiting'
  FROM requests_tablecredential WHERE id = %s"""
COPY_QUERY = """INSERT INTO requests_dataquery
  (kind, table_id, principal_id, requested_by_id, requested_at, database, workgroup, columns, filters, max_rows)
SELECT 'query', table_id, principal_id, requested_by_id, now(), database, workgroup, columns, filters, 1000
  FROM requests_dataquery WHERE id = %s"""


@pytest.fixture
def credential(mesh: Mesh) -> TableCredential:
    return request_whole_table(mesh)


def get_newest(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) FROM {table}")
        return int(cursor.fetchone()[0])


def count_incidents(subject: str) -> int:
    return Event.objects.filter(verb="refuse_request", subject=subject).count()


@pytest.mark.parametrize("seconds", ["seconds", "seconds - 60"])
def test_a_forged_request_for_credentials_brings_none(
    mesh: Mesh, credential: TableCredential, seconds: str
) -> None:
    run_statement(COPY_CREDENTIAL.format(seconds=seconds), [credential.pk])
    forged = TableCredential.objects.get(pk=get_newest("requests_tablecredential"))
    with as_role("meshmarket_worker"):
        assert vend_credentials(forged.pk)
    forged.refresh_from_db()
    assert (forged.state, forged.error) == (CredentialState.FAILED, NOT_RECORDED)
    assert not CredentialSecret.objects.exists()
    assert count_incidents(forged.subject) == 1


def test_a_request_that_was_changed_after_its_event_brings_none(
    mesh: Mesh, credential: TableCredential
) -> None:
    with as_role("meshmarket_owner"):
        TableCredential.objects.filter(pk=credential.pk).update(seconds=credential.seconds - 60)
    with as_role("meshmarket_worker"):
        vend_credentials(credential.pk)
    credential.refresh_from_db()
    assert credential.state == CredentialState.FAILED


def test_a_forged_query_reads_no_rows(mesh: Mesh) -> None:
    trust_workers(mesh)
    mesh.run_until_presence(mesh.grant(["policy_id", "gender"]), "present")
    sample = run_query(request_sample(acting_user=mesh.people[BI], table_id=mesh.table.pk, now=clock.now()))
    run_statement(COPY_QUERY, [sample.pk])
    forged = run_query(DataQuery.objects.get(pk=get_newest("requests_dataquery")))
    assert (forged.state, forged.error) == (QueryState.FAILED, NOT_RECORDED)
    assert count_incidents(forged.subject) == 1
