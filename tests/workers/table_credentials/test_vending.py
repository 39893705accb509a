"""Credentials from the pretend Lake Formation, as the caller's role."""

from typing import Any

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from kernel import clock
from requests_app.data_queries.callers import Caller
from requests_app.table_credentials.actions import (
    CredentialRequest,
    collect_credentials,
    request_credentials,
)
from requests_app.table_credentials.models import TableCredential
from requests_app.table_credentials.states import CredentialProblem, CredentialState
from tests import factories
from tests.database import as_role
from tests.workers.accounts.test_role_queries import trust_workers
from tests.workers.mesh import Mesh
from workers.table_credentials import vend_credentials


@pytest.fixture
def credential(mesh: Mesh) -> TableCredential:
    return request_whole_table(mesh)


def request_whole_table(mesh: Mesh) -> TableCredential:
    trust_workers(mesh)
    mesh.run_until_presence(mesh.grant([]), "present")
    domain = mesh.table.database.domain
    assert domain is not None
    product = factories.make_product(domain, mesh.owner, [mesh.table], "Lives")
    return request_credentials(
        caller=Caller(mesh.people[BI]),
        slug=product.slug,
        wanted=CredentialRequest(str(mesh.table.pk)),
        now=clock.now(),
    )


def allow_whole_tables(mesh: Mesh, *, is_allowed: bool) -> None:
    client = mesh.cloud.client("lakeformation", GOVERNANCE)
    settings: dict[str, Any] = client.get_data_lake_settings()["DataLakeSettings"]
    settings["AllowFullTableExternalDataAccess"] = is_allowed
    client.put_data_lake_settings(DataLakeSettings=settings)


def run(credential: TableCredential) -> TableCredential:
    with as_role("meshmarket_worker"):
        assert vend_credentials(credential.pk)
    credential.refresh_from_db()
    return credential


def test_they_are_gotten_as_the_role_where_the_owners_account_lets_engines_in(
    mesh: Mesh, credential: TableCredential
) -> None:
    allow_whole_tables(mesh, is_allowed=False)
    refused = run(request_again(mesh, credential))
    assert (refused.state, refused.problem) == (CredentialState.FAILED, CredentialProblem.REFUSED)
    assert "external engines" in refused.error
    allow_whole_tables(mesh, is_allowed=True)
    found = run(credential)
    assert (found.state, found.error) == (CredentialState.READY, "")
    secret = collect_credentials(caller=Caller(mesh.people[BI]), credential_id=credential.pk, now=clock.now())
    assert secret["paths"] == [mesh.table.location]
    assert secret["access_key_id"].startswith("ASIA")


def request_again(mesh: Mesh, credential: TableCredential) -> TableCredential:
    return request_credentials(
        caller=Caller(mesh.people[BI]),
        slug=credential.product.slug,
        wanted=CredentialRequest(str(mesh.table.pk)),
        now=clock.now(),
    )
