"""Roles that make themselves data lake administrators behind the portal."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift import DifferenceKind
from tests.workers.engine.test_named_expressions import wait_for_reading
from tests.workers.mesh import Mesh

SETTINGS_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": ["lakeformation:GetDataLakeSettings", "lakeformation:PutDataLakeSettings"],
        "Resource": "*",
    },
}


@pytest.fixture
def stranger(mesh: Mesh) -> Iterator[str]:
    """A role of the catalog's account; afterwards the administrators are as they were."""
    mesh.grant()
    lake = mesh.governance_client()
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    yield mesh.roles[BI].arn.replace(BI, GOVERNANCE)
    lake.put_data_lake_settings(DataLakeSettings=before)


def make_administrator(lake: Any, *arns: str) -> None:
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
    name = stranger.rsplit("/", 1)[-1]
    iam = mesh.cloud.client("iam", GOVERNANCE)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    iam.put_role_policy(RoleName=name, PolicyName="settings", PolicyDocument=json.dumps(SETTINGS_POLICY))
    before = mesh.governance_client().get_data_lake_settings()["DataLakeSettings"]
    assert list_findings(mesh) == []
    make_administrator(mesh.cloud.client("lakeformation", GOVERNANCE, name), stranger)
    assert list_findings(mesh) == [stranger]
    mesh.governance_client().put_data_lake_settings(DataLakeSettings=before)
    assert list_findings(mesh) == []


def test_the_portals_own_executor_is_no_finding(mesh: Mesh, stranger: str) -> None:
    assert list_findings(mesh) == []
    make_administrator(mesh.governance_client(), mesh.catalog.account.executor_role_arn)
    assert list_findings(mesh) == []
