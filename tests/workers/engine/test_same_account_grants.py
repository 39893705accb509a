"""A role of the owner's own account: neither share nor link; in hybrid access mode it is opted in, and out again."""

from collections.abc import Iterator

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.ledger.models import Finding
from fulfilment.observations.models import ObservedOptIn, RegisteredLocation
from fulfilment.rounds.models import Entry
from lakeformation.drift.differences import Kind
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from tests.workers.mesh import Mesh

COLUMNS = ("policy_id", "gender", "region")


@pytest.fixture
def home(mesh: Mesh) -> Mesh:
    mesh.open_at_home()
    return mesh


@pytest.fixture
def unread(home: Mesh) -> Iterator[Mesh]:
    """The table's location is in hybrid access mode, and nobody has read that."""
    register(home, hybrid=True)
    yield home
    home.governance().deregister_resource(ResourceArn=location(home))


@pytest.fixture
def hybrid(unread: Mesh) -> Mesh:
    """The portal has read it."""
    while not RegisteredLocation.objects.filter(arn=location(unread), is_hybrid=True).exists():
        assert unread.work(2)
    return unread


def register(mesh: Mesh, *, hybrid: bool) -> None:
    """Anew, in the mode that is told."""
    lake, arn = mesh.governance(), location(mesh)
    known = {one["ResourceArn"] for one in lake.list_resources()["ResourceInfoList"]}
    if arn in known:
        lake.deregister_resource(ResourceArn=arn)
    role = mesh.catalog.location_role_arn
    lake.register_resource(ResourceArn=arn, RoleArn=role, HybridAccessEnabled=hybrid)


def location(mesh: Mesh) -> str:
    return "arn:aws:s3:::" + mesh.table.location.removeprefix("s3://").rstrip("/")


def opted_in(mesh: Mesh) -> list[str]:
    found = mesh.governance().list_lake_formation_opt_ins()["LakeFormationOptInsInfoList"]
    here = [one for one in found if one["Resource"].get("Table", {}).get("DatabaseName") == mesh.database]
    return [one["Principal"]["DataLakePrincipalIdentifier"] for one in here]


def actions(grant: Grant) -> set[str]:
    mine = Entry.objects.filter(intents__contains=[grant.intent_id], step__sent_at__isnull=False)
    return set(mine.values_list("action", flat=True))


def test_it_reads_in_its_own_catalog_and_no_more_after_the_end(home: Mesh) -> None:
    grant = home.grant(COLUMNS, GOVERNANCE)
    home.work_until(grant, "present")
    assert home.visible(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    assert actions(grant) <= {"grant", "register"}
    home.revoke(grant)
    home.work_until(grant, "absent")
    assert (home.visible(GOVERNANCE), home.held(GOVERNANCE)) == ([], {})


def test_it_reads_by_a_row_rule(home: Mesh) -> None:
    home.work_until(home.grant(COLUMNS, GOVERNANCE, rows="region = 'Ost'"), "present")
    assert home.rows_of("region", GOVERNANCE) == [["Ost"]]


def test_in_hybrid_access_mode_it_is_opted_in_and_out(hybrid: Mesh) -> None:
    grant = hybrid.grant(COLUMNS, GOVERNANCE)
    intent = hybrid.work_until(grant, "present")
    assert (intent.usable, opted_in(hybrid)) == (True, [hybrid.roles[GOVERNANCE].arn])
    assert hybrid.visible(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    assert ObservedOptIn.objects.filter(database=hybrid.database).count() == 1
    hybrid.revoke(grant)
    hybrid.work_until(grant, "absent")
    assert opted_in(hybrid) == []
    assert actions(grant) == {"grant", "opt in", "revoke", "opt out"}


@pytest.mark.parametrize("account", [GOVERNANCE, BI])
def test_what_was_agreed_to_before_the_mode_was_read_is_opted_in_and_out(unread: Mesh, account: str) -> None:
    grant = unread.grant(COLUMNS, account)
    assert grant.intent.access.opt_in is None
    intent = unread.work_until(grant, "present")
    assert (intent.usable, opted_in(unread)) == (True, [unread.roles[account].arn])
    assert unread.visible(account) == [*COLUMNS, "snapshot_date"]
    unread.revoke(grant)
    unread.work_until(grant, "absent")
    assert (opted_in(unread), unread.visible(account)) == ([], [])


def test_a_location_that_goes_into_hybrid_access_mode_and_out_again_takes_no_data(home: Mesh) -> None:
    register(home, hybrid=False)
    grant = home.grant(COLUMNS, GOVERNANCE)
    home.work_until(grant, "present")
    register(home, hybrid=True)
    home.work_for(grant, lambda _: bool(opted_in(home)))
    home.work_until(grant, "present")
    assert home.visible(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    register(home, hybrid=False)
    home.revoke(grant)
    home.work_until(grant, "absent")
    assert (home.held(GOVERNANCE), home.visible(GOVERNANCE)) == ({}, [])


def test_an_opt_in_taken_away_is_drift_and_made_again(hybrid: Mesh) -> None:
    grant = hybrid.grant(COLUMNS, GOVERNANCE)
    hybrid.work_until(grant, "present")
    who = {"DataLakePrincipalIdentifier": hybrid.roles[GOVERNANCE].arn}
    table = {"Table": {"DatabaseName": hybrid.database, "Name": hybrid.table.name}}
    hybrid.governance().delete_lake_formation_opt_in(Principal=who, Resource=table)
    hybrid.work_for(grant, lambda _: bool(opted_in(hybrid)))
    hybrid.work_until(grant, "present")


def test_across_accounts_hybrid_access_mode_needs_an_opt_in_as_well(hybrid: Mesh) -> None:
    hybrid.work_until(hybrid.grant(COLUMNS), "present")
    assert hybrid.visible() == [*COLUMNS, "snapshot_date"]


def test_what_still_reads_after_a_revoke_is_named(home: Mesh) -> None:
    grant = home.grant(("gender",), GOVERNANCE)
    home.work_until(grant, "present")
    home.slip_in(["region"], GOVERNANCE)
    home.revoke(grant)
    home.work_until(grant, "absent")
    (way,) = list_other_paths(grant, grant.granted_at)
    assert way == "The role itself holds SELECT on region outside the portal."


def test_an_opt_in_that_somebody_removed_is_told_and_made_again(hybrid: Mesh) -> None:
    grant = hybrid.grant(COLUMNS, GOVERNANCE)
    hybrid.work_until(grant, "present")
    table = {"DatabaseName": hybrid.database, "Name": hybrid.table.name}
    hybrid.governance().delete_lake_formation_opt_in(
        Principal={"DataLakePrincipalIdentifier": hybrid.roles[GOVERNANCE].arn}, Resource={"Table": table}
    )
    hybrid.work_for(grant, lambda _: Finding.objects.filter(kind=Kind.OPT_IN_REMOVED).exists())
    hybrid.work_until(grant, "present")
    hybrid.work(4)
    assert Finding.objects.get(kind=Kind.OPT_IN_REMOVED).proof is not None
    assert opted_in(hybrid) == [hybrid.roles[GOVERNANCE].arn]
