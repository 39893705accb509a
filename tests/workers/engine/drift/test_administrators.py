"""Roles that make themselves data lake administrators behind the portal."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.ledger.models import Finding
from lakeformation.drift.differences import Kind
from tests.workers.engine.reading.test_named_expressions import read_again
from tests.workers.mesh import Mesh


@pytest.fixture
def stranger(mesh: Mesh) -> Iterator[str]:
    """A role of the catalog's account; afterwards the administrators are as they were."""
    mesh.grant()
    lake = mesh.governance()
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    yield mesh.roles[BI].arn.replace(BI, GOVERNANCE)
    lake.put_data_lake_settings(DataLakeSettings=before)


def make_administrator(mesh: Mesh, *arns: str) -> None:
    lake = mesh.governance()
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    kept = [one for one in settings["DataLakeAdmins"] if one["DataLakePrincipalIdentifier"] not in arns]
    added = [{"DataLakePrincipalIdentifier": arn} for arn in arns]
    lake.put_data_lake_settings(DataLakeSettings=settings | {"DataLakeAdmins": [*kept, *added]})


def told(mesh: Mesh) -> list[str]:
    read_again(mesh)
    rows = Finding.objects.filter(catalog=mesh.catalog, kind=Kind.ADMINISTRATOR_ADDED, gone_at=None)
    return list(rows.values_list("principal_arn", flat=True))


def test_one_that_was_added_is_told_until_it_is_removed(mesh: Mesh, stranger: str) -> None:
    mesh.cloud.client("iam", GOVERNANCE).create_role(
        RoleName=stranger.rsplit("/", 1)[-1], AssumeRolePolicyDocument="{}"
    )
    before = mesh.governance().get_data_lake_settings()["DataLakeSettings"]
    assert told(mesh) == []
    make_administrator(mesh, stranger)
    assert told(mesh) == [stranger]
    mesh.governance().put_data_lake_settings(DataLakeSettings=before)
    assert told(mesh) == []


def test_the_portals_own_executor_is_no_finding(mesh: Mesh, stranger: str) -> None:
    assert told(mesh) == []
    make_administrator(mesh, mesh.catalog.account.executor_role_arn)
    assert told(mesh) == []
