"""What one grant leaves to another, which nothing was sent for yet, is taken away with the other."""

from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Bucket
from tests.database import as_role
from tests.workers.engine.test_adoption_and_removal import order, unmanaged
from tests.workers.mesh import Mesh
from tests.workers.working import WORKER, work_till


def hold_up_grants() -> None:
    """AWS's rate for them is used up for a long time; removals go on."""
    with as_role(WORKER):
        Bucket.objects.filter(operation="BatchGrantPermissions").update(tokens=0.0, rate=0.000001)


def test_a_column_that_one_leaves_to_another_goes_with_the_other(mesh: Mesh) -> None:
    first = mesh.grant(("gender", "region"))
    mesh.work_until(first, "present")
    hold_up_grants()
    second = mesh.grant(("gender", "smoker"))
    mesh.revoke(first)
    mesh.work_until(first, "absent")
    assert mesh.intent(second).presence == Intent.Presence.UNSEEN
    assert mesh.held()["SELECT"] == ["gender"]
    mesh.revoke(second)
    mesh.work_until(second, "absent")
    assert mesh.held() == {}


def test_what_somebody_else_gave_stays_with_a_grant_that_was_never_applied(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(("region",)), "present")
    mesh.slip_in(("gender",))
    hold_up_grants()
    never = mesh.grant(("gender", "smoker"))
    mesh.work(4)
    mesh.revoke(never)
    mesh.work_until(never, "absent")
    assert mesh.held()["SELECT"] == ["gender", "region"]


def test_what_a_removal_leaves_to_a_grant_goes_with_the_grant(mesh: Mesh) -> None:
    mesh.slip_in(("gender", "region"))
    mesh.work_until(mesh.grant(("policy_id",)), "present")
    hold_up_grants()
    removal = order(mesh, unmanaged(mesh))
    grant = mesh.grant(("gender", "smoker"))
    work_till(lambda: Intent.objects.get(pk=removal.pk).is_proven)
    assert mesh.held()["SELECT"] == ["gender", "policy_id"]
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.held()["SELECT"] == ["policy_id"]
