"""Same name is not same thing: a table or a role made anew is not what was approved."""

from tests.workers.mesh import Mesh


def test_a_table_made_anew_makes_its_grant_stale_and_is_not_granted(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.recreate_table()
    intent = mesh.run_until_presence(grant, "stale")
    assert "was created again after the approval" in intent.failure
    assert mesh.list_visible_columns() == []
    assert "SELECT" not in mesh.list_held_columns()


def test_a_role_made_anew_loses_what_the_old_one_had(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.recreate_role()
    intent = mesh.run_until_presence(grant, "stale")
    assert "was created again after the approval" in intent.failure
    assert mesh.list_held_columns() == {}


def test_a_table_dropped_before_the_first_round_ends_stale(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.governance_client("glue").delete_table(DatabaseName=mesh.database, Name="lives")
    assert "no longer exists" in mesh.run_until_presence(grant, "stale").failure
