"""Same name is not same thing: a table or a role made anew is not what was approved."""

from tests.workers.mesh import Mesh


def test_a_table_made_anew_makes_its_grant_stale_and_is_not_granted(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    mesh.make_table_anew()
    intent = mesh.work_until(grant, "stale")
    assert "was created again after the approval" in intent.failure
    assert mesh.visible() == []
    assert "SELECT" not in mesh.held()


def test_a_role_made_anew_loses_what_the_old_one_had(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    mesh.make_role_anew()
    intent = mesh.work_until(grant, "stale")
    assert "was created again after the approval" in intent.failure
    assert mesh.held() == {}


def test_a_table_dropped_before_the_first_round_ends_stale(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.governance("glue").delete_table(DatabaseName=mesh.database, Name="lives")
    assert "no longer exists" in mesh.work_until(grant, "stale").failure
