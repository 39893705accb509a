"""Roles that make themselves data lake administrators behind the portal."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift.differences import DifferenceKind
from tests.workers.engine.reading.test_named_expressions import wait_for_reading
from tests.workers.mesh import Mesh


@pytest.fixture
def stranger(mesh: Mesh) -> Iterator[str]:
    """A role of the catalog's account; afterwards the administrators are as they were."""
    mesh.grant()
    lake = mesh.governance_client()
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    yield mesh.roles[BI].arn.replace(BI, GOVERNANCE)
    lake.put_data_lake_settings(DataLakeSettings=before)


def make_administrator(mesh: Mesh, *arns: str) -> None:
    lake = mesh.governance_client()
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    kept = [one for one in settings["DataLakeAdmins"] if one["DataLakePrincipalIdentifier"] not in arns]
    added = [{"DataLakePrincipalIdentifier": arn} for arn in arns]
    lake.put_data_lake_settings(DataLakeSettings=settings | {"DataLakeAdmins": [*kept, *added]})


def list_findings(mesh: Mesh) -> list[str]:
    wait_for_reading(mesh)
    rows = DriftFinding.objects.filter(
        catalog=mesh.catalog, kind=DifferenceKind.ADMINISTRATOR_ADDED, gone_at=None
    )
    return list(rows.values_list("principal_arn", flat=True))


def test_one_that_was_added_is_told_until_it_is_removed(mesh: Mesh, stranger: str) -> None:
    mesh.cloud.client("iam", GOVERNANCE).create_role(
        RoleName=stranger.rsplit("/", 1)[-1], AssumeRolePolicyDocument="{}"
    )
    before = mesh.governance_client().get_data_lake_settings()["DataLakeSettings"]
    assert list_findings(mesh) == []
    make_administrator(mesh, stranger)
    assert list_findings(mesh) == [stranger]
    mesh.governance_client().put_data_lake_settings(DataLakeSettings=before)
    assert list_findings(mesh) == []


def test_the_portals_own_executor_is_no_finding(mesh: Mesh, stranger: str) -> None:
    assert list_findings(mesh) == []
    make_administrator(mesh, mesh.catalog.account.executor_role_arn)
    assert list_findings(mesh) == []
