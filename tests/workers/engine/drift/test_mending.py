"""What somebody changed behind the portal: ours is mended, theirs is left alone."""

from audit.models import Event
from demo.bank.accounts import BI
from fulfilment.rounds import Round
from requests_app.grants.models import Grant
from tests.workers.mesh import COLUMNS, Mesh


def count_found_drift(grant: Grant) -> int:
    return Event.objects.filter(verb="found_drift", subject=f"item:{grant.item_id}").count()


def test_a_column_taken_away_is_granted_again_and_told(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.revoke_outside_portal(["gender"])
    assert "gender" not in mesh.list_visible_columns()
    mesh.run_until(grant, lambda _: count_found_drift(grant) == 1)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_visible_columns() == [*COLUMNS, "snapshot_date"]


def test_between_finding_and_mending_it_is_not_called_present(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.revoke_outside_portal(["gender"])
    mesh.cloud.control(
        "faults", {"kind": "throttle", "service": "lakeformation", "operation": "BatchGrantPermissions"}
    )
    intent = mesh.run_until(grant, lambda intent: intent.presence == "unknown")
    assert intent.proven_generation == 0
    assert "lacks what was granted" in intent.failure


def test_a_link_removed_behind_us_is_made_again(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.cloud.client("glue", BI).delete_database(Name=mesh.link)
    assert mesh.list_visible_columns() == []
    mesh.run_until(grant, lambda _: count_found_drift(grant) == 1)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_visible_columns() == [*COLUMNS, "snapshot_date"]


def test_a_column_slipped_in_is_reported_and_neither_taken_nor_adopted(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.grant_outside_portal(["smoker"])
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns()["SELECT"] == ["smoker"]
    told = [drift["text"] for row in Round.objects.exclude(drift=[]) for drift in row.drift]
    assert any("(smoker)" in text for text in told)


def test_what_stood_there_before_a_grant_that_was_never_applied_stays(mesh: Mesh) -> None:
    mesh.grant_outside_portal(["gender"])
    grant = mesh.grant()
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns()["SELECT"] == ["gender"]
