"""Listings of permissions that AWS cut short or refused are never read as *nothing there*."""

from collections.abc import Iterator

import pytest

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, REGION
from tests.workers.mesh import Mesh
from workers.aws import reads
from workers.aws.errors import AwsError
from workers.aws.reads import list_filter_permissions
from workers.engine.catalog_reading import read_filter_permissions, read_permissions


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


def test_rows_of_others_do_not_make_a_listing_complete(
    kept_from_things: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_listing_short(kept_from_things)
    row = {"Principal": {"DataLakePrincipalIdentifier": kept_from_things.roles[BI].arn}}
    monkeypatch.setattr(reads, "read_permissions", lambda *asked: [row])
    with pytest.raises(AwsError, match="AWS lists a part of the permissions"):
        read_permissions(kept_from_things.catalog.account, REGION, GOVERNANCE)


def test_an_observer_that_loses_or_gets_the_right_meanwhile_proves_nothing(
    kept_from_things: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh, lake = kept_from_things, kept_from_things.governance_client()
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    account = mesh.catalog.account
    monkeypatch.setattr(reads, "read_permissions", lambda *asked: cut_listing_short(mesh))
    with pytest.raises(AwsError, match="AWS lists a part of the permissions"):
        read_permissions(account, REGION, GOVERNANCE)
    monkeypatch.setattr(
        reads, "read_permissions", lambda *asked: lake.put_data_lake_settings(DataLakeSettings=before)
    )
    with pytest.raises(AwsError, match="AWS lists a part of the permissions"):
        read_permissions(account, REGION, GOVERNANCE)


def test_what_is_absent_with_its_table_says_so_on_the_record(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.governance_client("glue").delete_table(DatabaseName=mesh.database, Name=mesh.table.name)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    told = Event.objects.filter(verb="proved_absent", subject=mesh.get_intent(grant).subject).last()
    assert told is not None
    assert told.data["evidence"].startswith(f"Glue has no table {mesh.database}.{mesh.table.name}")


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


@pytest.fixture(params=["AccessDeniedException", "EntityNotFoundException"])
def refusing(request: pytest.FixtureRequest, mesh: Mesh) -> Iterator[Mesh]:
    """What does not exist is listed with this refusal."""
    mesh.cloud.control("switches", {"missing_in_listings": request.param})
    yield mesh
    mesh.cloud.control("switches", {"missing_in_listings": "AccessDeniedException"})


def test_of_a_table_that_glue_does_not_have_no_filter_is_held(refusing: Mesh) -> None:
    owner = refusing.catalog.account
    with pytest.raises(AwsError):
        list_filter_permissions(refusing.governance_client(), build_table_reference(refusing, "nothing"))
    assert read_filter_permissions(owner, owner, REGION, build_table_reference(refusing, "nothing")) == []


def test_a_table_that_is_there_and_refused_stays_an_error(mesh: Mesh) -> None:
    owner = mesh.catalog.account
    fault = {"kind": "error", "service": "lakeformation", "operation": "ListPermissions"}
    mesh.cloud.control("faults", fault | {"code": "AccessDeniedException", "count": 1})
    with pytest.raises(AwsError):
        read_filter_permissions(owner, owner, REGION, build_table_reference(mesh, mesh.table.name))
