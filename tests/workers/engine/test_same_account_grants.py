"""A role of the owner's own account: neither share nor link; in hybrid access mode it is opted in, and out again."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.observations.models import ObservedOptIn, RegisteredLocation
from fulfilment.permissions.models import DriftFinding
from fulfilment.rounds import StepEntry
from lakeformation.drift import DifferenceKind
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from tests.workers.mesh import Mesh

COLUMNS = ("policy_id", "gender", "region")


@pytest.fixture
def home(mesh: Mesh) -> Mesh:
    mesh.enable_owner_account()
    return mesh


@pytest.fixture
def unread(home: Mesh) -> Iterator[Mesh]:
    """The table's location is in hybrid access mode, and nobody has read that."""
    register_location(home, hybrid=True)
    yield home
    home.governance_client().deregister_resource(ResourceArn=get_location_arn(home))


@pytest.fixture
def hybrid(unread: Mesh) -> Mesh:
    """The portal has read it."""
    while not RegisteredLocation.objects.filter(arn=get_location_arn(unread), is_hybrid=True).exists():
        assert unread.run_rounds(2)
    return unread


def register_location(mesh: Mesh, *, hybrid: bool) -> None:
    """Anew, in the mode that is told."""
    lake, arn = mesh.governance_client(), get_location_arn(mesh)
    known = {one["ResourceArn"] for one in lake.list_resources()["ResourceInfoList"]}
    if arn in known:
        lake.deregister_resource(ResourceArn=arn)
    role = mesh.catalog.location_role_arn
    lake.register_resource(ResourceArn=arn, RoleArn=role, HybridAccessEnabled=hybrid)


def get_location_arn(mesh: Mesh) -> str:
    return "arn:aws:s3:::" + mesh.table.location.removeprefix("s3://").rstrip("/")


def list_opted_in(mesh: Mesh) -> list[str]:
    found = mesh.governance_client().list_lake_formation_opt_ins()["LakeFormationOptInsInfoList"]
    here = [one for one in found if one["Resource"].get("Table", {}).get("DatabaseName") == mesh.database]
    return [one["Principal"]["DataLakePrincipalIdentifier"] for one in here]


def list_actions(grant: Grant) -> set[str]:
    mine = StepEntry.objects.filter(intents__contains=[grant.intent_id], step__sent_at__isnull=False)
    return set(mine.values_list("action", flat=True))


def test_it_reads_in_its_own_catalog_and_no_more_after_the_end(home: Mesh) -> None:
    grant = home.grant(COLUMNS, GOVERNANCE)
    home.run_until_presence(grant, "present")
    assert home.list_visible_columns(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    assert list_actions(grant) <= {"grant", "register"}
    home.revoke(grant)
    home.run_until_presence(grant, "absent")
    assert (home.list_visible_columns(GOVERNANCE), home.list_held_columns(GOVERNANCE)) == ([], {})


def test_it_reads_by_a_row_filter(home: Mesh) -> None:
    home.run_until_presence(home.grant(COLUMNS, GOVERNANCE, rows="region = 'Ost'"), "present")
    assert home.select_distinct("region", GOVERNANCE) == [["Ost"]]


def test_in_hybrid_access_mode_it_is_opted_in_and_out(hybrid: Mesh) -> None:
    grant = hybrid.grant(COLUMNS, GOVERNANCE)
    intent = hybrid.run_until_presence(grant, "present")
    assert (intent.usable, list_opted_in(hybrid)) == (True, [hybrid.roles[GOVERNANCE].arn])
    assert hybrid.list_visible_columns(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    assert ObservedOptIn.objects.filter(database=hybrid.database).count() == 1
    hybrid.revoke(grant)
    hybrid.run_until_presence(grant, "absent")
    assert list_opted_in(hybrid) == []
    assert list_actions(grant) == {"grant", "opt in", "revoke", "opt out"}


@pytest.mark.parametrize("account", [GOVERNANCE, BI])
def test_what_was_agreed_to_before_the_mode_was_read_is_opted_in_and_out(unread: Mesh, account: str) -> None:
    grant = unread.grant(COLUMNS, account)
    assert grant.intent.access.opt_in is None
    intent = unread.run_until_presence(grant, "present")
    assert (intent.usable, list_opted_in(unread)) == (True, [unread.roles[account].arn])
    assert unread.list_visible_columns(account) == [*COLUMNS, "snapshot_date"]
    unread.revoke(grant)
    unread.run_until_presence(grant, "absent")
    assert (list_opted_in(unread), unread.list_visible_columns(account)) == ([], [])


def test_a_location_that_goes_into_hybrid_access_mode_and_out_again_takes_no_data(home: Mesh) -> None:
    register_location(home, hybrid=False)
    grant = home.grant(COLUMNS, GOVERNANCE)
    home.run_until_presence(grant, "present")
    register_location(home, hybrid=True)
    home.run_until(grant, lambda _: bool(list_opted_in(home)))
    home.run_until_presence(grant, "present")
    assert home.list_visible_columns(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    register_location(home, hybrid=False)
    home.revoke(grant)
    home.run_until_presence(grant, "absent")
    assert (home.list_held_columns(GOVERNANCE), home.list_visible_columns(GOVERNANCE)) == ({}, [])


def test_an_opt_in_taken_away_is_drift_and_made_again(hybrid: Mesh) -> None:
    grant = hybrid.grant(COLUMNS, GOVERNANCE)
    hybrid.run_until_presence(grant, "present")
    who = {"DataLakePrincipalIdentifier": hybrid.roles[GOVERNANCE].arn}
    table = {"Table": {"DatabaseName": hybrid.database, "Name": hybrid.table.name}}
    hybrid.governance_client().delete_lake_formation_opt_in(Principal=who, Resource=table)
    hybrid.run_until(grant, lambda _: bool(list_opted_in(hybrid)))
    hybrid.run_until_presence(grant, "present")


def test_across_accounts_hybrid_access_mode_needs_an_opt_in_as_well(hybrid: Mesh) -> None:
    hybrid.run_until_presence(hybrid.grant(COLUMNS), "present")
    assert hybrid.list_visible_columns() == [*COLUMNS, "snapshot_date"]


def test_what_still_reads_after_a_revoke_is_named(home: Mesh) -> None:
    grant = home.grant(("gender",), GOVERNANCE)
    home.run_until_presence(grant, "present")
    home.grant_outside_portal(["region"], GOVERNANCE)
    home.revoke(grant)
    home.run_until_presence(grant, "absent")
    (way,) = list_other_paths(grant, grant.granted_at)
    assert way == "The role itself holds SELECT on region outside the portal."


def test_an_opt_in_that_somebody_removed_is_told_and_made_again(hybrid: Mesh) -> None:
    grant = hybrid.grant(COLUMNS, GOVERNANCE)
    hybrid.run_until_presence(grant, "present")
    table = {"DatabaseName": hybrid.database, "Name": hybrid.table.name}
    hybrid.governance_client().delete_lake_formation_opt_in(
        Principal={"DataLakePrincipalIdentifier": hybrid.roles[GOVERNANCE].arn}, Resource={"Table": table}
    )
    hybrid.run_until(
        grant, lambda _: DriftFinding.objects.filter(kind=DifferenceKind.OPT_IN_REMOVED).exists()
    )
    hybrid.run_until_presence(grant, "present")
    hybrid.run_rounds(4)
    assert DriftFinding.objects.get(kind=DifferenceKind.OPT_IN_REMOVED).proof is not None
    assert list_opted_in(hybrid) == [hybrid.roles[GOVERNANCE].arn]
