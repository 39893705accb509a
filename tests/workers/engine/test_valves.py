"""A valve on removals stops a round that would take away too much at once, and nothing else."""

from audit.models import Event
from fulfilment.holds import Hold, Valve
from tests.database import as_operator
from tests.workers.mesh import Mesh


def make_valve(**fields: int) -> Valve:
    with as_operator():
        return Valve.objects.create(closed=False, reason="migration weekend", **fields)


def test_removals_beyond_the_share_wait_until_somebody_opens_the_valve(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    valve = make_valve(most_removed=50, always_removed=0)
    mesh.revoke(grant)
    intent = mesh.run_until(grant, lambda intent: "stopped by a write control" in intent.failure)
    assert "more than 50 %" in intent.failure
    mesh.run_rounds(10)
    hold = Hold.objects.get(kind=Hold.Kind.REMOVALS, ended_at=None)
    assert Event.objects.filter(verb="hold_removals", subject=f"scope:{hold.scope_key}").count() == 1
    assert "SELECT" in mesh.list_held_columns()
    with as_operator():
        Valve.objects.filter(pk=valve.pk).update(most_removed=None)
    mesh.run_until_presence(grant, "absent")
    hold.refresh_from_db()
    assert (mesh.list_held_columns(), hold.ended_as) == ({}, Hold.End.LET_THROUGH)


def test_few_removals_and_every_grant_go_through(mesh: Mesh) -> None:
    make_valve(most_removed=0)
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
