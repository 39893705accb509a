"""Listings of permissions that AWS cut short or refused are never read as *nothing there*."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import GOVERNANCE, REGION
from tests.workers.mesh import Mesh
from workers.aws.errors import AwsError
from workers.engine.reading.permission_listing import read_filter_permissions, read_permissions


@pytest.fixture
def kept_from_things(mesh: Mesh) -> Iterator[Mesh]:
    """The owner's observer is no administrator any more."""
    lake = mesh.governance_client()
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    yield mesh
    lake.put_data_lake_settings(DataLakeSettings=before)


def cut_listing_short(mesh: Mesh) -> None:
    lake = mesh.governance_client()
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    observer = mesh.catalog.account.observer_role_arn
    admins = [one for one in settings["DataLakeAdmins"] if one["DataLakePrincipalIdentifier"] != observer]
    lake.put_data_lake_settings(DataLakeSettings=settings | {"ReadOnlyAdmins": [], "DataLakeAdmins": admins})


def test_a_listing_for_an_observer_without_the_right_to_see_everything_is_an_error(
    kept_from_things: Mesh,
) -> None:
    cut_listing_short(kept_from_things)
    with pytest.raises(AwsError, match="AWS lists a part of the permissions"):
        read_permissions(kept_from_things.catalog.account, REGION, GOVERNANCE)


def test_a_revoked_grant_is_not_proven_absent_by_a_cut_listing(kept_from_things: Mesh) -> None:
    mesh = kept_from_things
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    cut_listing_short(mesh)
    mesh.revoke(grant)
    mesh.run_rounds(10)
    assert mesh.get_intent(grant).presence != "absent"
    assert mesh.list_held_columns()


def build_table_reference(mesh: Mesh, name: str) -> dict[str, str]:
    return {"CatalogId": GOVERNANCE, "DatabaseName": mesh.database, "Name": name}


def test_of_a_table_that_glue_does_not_have_no_filter_is_held(mesh: Mesh) -> None:
    owner = mesh.catalog.account
    assert read_filter_permissions(owner, owner, REGION, build_table_reference(mesh, "nothing")) == []


def test_a_table_that_is_there_and_refused_stays_an_error(mesh: Mesh) -> None:
    owner = mesh.catalog.account
    fault = {"kind": "error", "service": "lakeformation", "operation": "ListPermissions"}
    mesh.cloud.control("faults", fault | {"code": "AccessDeniedException", "count": 1})
    with pytest.raises(AwsError):
        read_filter_permissions(owner, owner, REGION, build_table_reference(mesh, mesh.table.name))
