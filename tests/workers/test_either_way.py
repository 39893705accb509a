"""The engine is right whichever way AWS goes where that is not known: no switch of awsim, turned, makes it wrong."""

from collections.abc import Iterator
from datetime import timedelta
from typing import cast

import pytest
from pytest_django.fixtures import Settings

from audit import clock
from audit.models import Event
from awsim.in_process import InProcess
from awsim.switches import EACH_OTHER, OTHER, Value
from demo.chaos.inside import answered_here
from fulfilment.models import Intent, RegisteredLocation
from requests_app.holds.actions import release_column
from tests.awsim.cloud import BI, GOVERNANCE, PARTNER, Cloud
from tests.database import TestDatabase, as_role
from tests.workers.mesh import Mesh, make_mesh
from tests.workers.tags import carry, grant_by_tags, held_by_tags
from tests.workers.test_holds import whole_table_before_it_grew

COLUMNS = ("policy_id", "gender", "region")
RULE = "region = 'Ost'"
WORLDS: dict[str, dict[str, Value]] = {
    "default": {},
    "other": dict(OTHER),
    **{f"{name}={value}": {name: value} for name, value in EACH_OTHER},
}


@pytest.fixture(params=WORLDS)
def mesh(request: pytest.FixtureRequest, committed: TestDatabase, settings: Settings) -> Iterator[Mesh]:
    """A mesh in a pretend AWS of its own, of one way that AWS may be."""
    settings.CALL_DEADLINE, settings.LEASE, settings.SETTLE = 3.0, 5.0, 0.4
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 0.4, 0.0
    settings.CALLS_PER_SECOND, settings.BURST = 1000.0, 1000
    aws = InProcess("bank")
    aws.control("switches", WORLDS[request.param])
    settings.VISIBILITY_DELAY = 0.01 + aws.simulator.world.switches.late_listing_milliseconds / 1000
    with answered_here(aws):
        yield make_mesh(cast("Cloud", aws))


def columns_come_narrow_and_go(mesh: Mesh, account: str) -> None:
    broad, narrow = mesh.grant(("policy_id", "gender"), account), mesh.grant(("policy_id", "region"), account)
    mesh.work_until(broad, "present")
    mesh.work_until(narrow, "present")
    assert mesh.visible(account) == [*COLUMNS, "snapshot_date"]
    mesh.revoke(broad)
    mesh.work_until(broad, "absent")
    assert mesh.visible(account) == ["policy_id", "region", "snapshot_date"]
    whole = mesh.grant((), account)
    mesh.work_until(whole, "present")
    assert "expected_remaining_years" in mesh.visible(account)
    mesh.revoke(whole)
    mesh.work_until(whole, "absent")
    mesh.work_until(narrow, "present")
    assert mesh.visible(account) == ["policy_id", "region", "snapshot_date"]
    mesh.revoke(narrow)
    mesh.work_until(narrow, "absent")
    assert (mesh.visible(account), mesh.held(account)) == ([], {})


def rows_come_unite_and_go(mesh: Mesh) -> None:
    ruled = mesh.grant(COLUMNS, rows=RULE)
    mesh.work_until(ruled, "present")
    assert mesh.rows_of("region") == [["Ost"]]
    other = mesh.grant(COLUMNS, rows="region = 'West'")
    mesh.work_until(other, "present")
    assert mesh.rows_of("region") == [["Ost"], ["West"]]
    mesh.revoke(ruled)
    mesh.work_until(ruled, "absent")
    assert mesh.rows_of("region") == [["West"]]
    mesh.revoke(other)
    mesh.work_until(other, "absent")
    mesh.work(6)
    assert (mesh.visible(), mesh.filters()) == ([], {})


def metadata_outlive_what_reads(mesh: Mesh) -> None:
    metadata, reads = mesh.grant((), metadata_only=True), mesh.grant(("policy_id",))
    mesh.work_until(reads, "present")
    mesh.work_until(metadata, "present")
    mesh.revoke(reads)
    mesh.work_until(reads, "absent")
    mesh.work_until(metadata, "present")
    assert (mesh.held(), mesh.visible()) == ({"DESCRIBE": []}, [])
    mesh.revoke(metadata)
    mesh.work_until(metadata, "absent")


def it_ends_by_its_time(mesh: Mesh) -> None:
    grant = mesh.grant(account=PARTNER, lasts=timedelta(hours=20))
    mesh.work_until(grant, "present")
    assert mesh.visible(PARTNER) == [*COLUMNS, "snapshot_date"]
    mesh.cloud.control("clock", {"offset_seconds": 21 * 3600})
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=21))
    mesh.work_until(grant, "absent")
    assert (mesh.visible(PARTNER), mesh.held(PARTNER)) == ([], {})


def a_role_of_the_owner_opts_in_and_out(mesh: Mesh) -> None:
    mesh.open_at_home()
    lake, path = mesh.governance(), mesh.table.location.removeprefix("s3://").rstrip("/")
    role = mesh.catalog.location_role_arn
    arn = f"arn:aws:s3:::{path}"
    lake.deregister_resource(ResourceArn=arn)
    lake.register_resource(ResourceArn=arn, RoleArn=role, HybridAccessEnabled=True)
    while not RegisteredLocation.objects.filter(arn=arn, is_hybrid=True).exists():
        mesh.work(2)
    grant = mesh.grant(COLUMNS, GOVERNANCE)
    mesh.work_until(grant, "present")
    assert mesh.visible(GOVERNANCE) == [*COLUMNS, "snapshot_date"]
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.visible(GOVERNANCE) == []


def a_later_column_is_let_in(mesh: Mesh) -> None:
    grant, hold = whole_table_before_it_grew(mesh)
    assert "region" not in mesh.visible()
    why = "It names countries alone."
    release_column(acting_user=mesh.owner, hold_id=hold.pk, reason=why, now=clock.now())
    mesh.work_until(grant, "present")
    assert "region" in mesh.visible()
    mesh.catalog.holds_new_columns = False
    mesh.catalog.save()
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert (mesh.visible(), mesh.held()) == ([], {})


def tags_open_and_close(mesh: Mesh) -> None:
    carry(mesh)
    carry(mesh, "none", ["gender"])
    for account in (BI, PARTNER):
        grant = grant_by_tags(mesh, account)
        mesh.work_until(grant, "present")
        assert set(mesh.visible(account)) > {"policy_id", "region"}
        assert "gender" not in mesh.visible(account)
        mesh.revoke(grant)
        mesh.work_until(grant, "absent")
        assert (mesh.visible(account), held_by_tags(mesh, account)) == ([], {})


def drift_is_mended(mesh: Mesh) -> None:
    grant, ruled = mesh.grant(COLUMNS), mesh.grant(COLUMNS, PARTNER, rows=RULE)
    mesh.work_until(grant, "present")
    mesh.work_until(ruled, "present")
    mesh.take_away(["gender"])
    (name,) = mesh.filters()
    where = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    mesh.slip_in(["smoker"])
    wide = {**where, "Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": list(COLUMNS)}
    mesh.governance().update_data_cells_filter(TableData=wide)
    for one in (grant, ruled):
        mesh.work_for(one, was_found_drifted)
    mesh.work_until(grant, "present")
    mesh.work_until(ruled, "present")
    assert set(mesh.held()["SELECT"]) >= {*COLUMNS, "smoker"}
    assert mesh.rows_of("region", PARTNER) == [["Ost"]]


def was_found_drifted(intent: Intent) -> bool:
    return Event.objects.filter(verb="found_drift", subject=intent.subject).exists()


@pytest.mark.all
def test_the_flows_come_out_right_whichever_way_aws_goes(mesh: Mesh) -> None:
    for account in (BI, PARTNER):
        columns_come_narrow_and_go(mesh, account)
    rows_come_unite_and_go(mesh)
    tags_open_and_close(mesh)
    it_ends_by_its_time(mesh)
    metadata_outlive_what_reads(mesh)
    a_later_column_is_let_in(mesh)
    a_role_of_the_owner_opts_in_and_out(mesh)
    drift_is_mended(mesh)
