"""What one grant leaves to another, which nothing was sent for yet, is taken away with the other."""

from fulfilment.intents.models import Intent
from fulfilment.rounds import RateLimitBucket
from tests.database import as_role
from tests.workers.engine.test_adoption_and_removal import get_unmanaged, order_observed_removal
from tests.workers.engine_rounds import WORKER, run_rounds_until
from tests.workers.mesh import Mesh


def block_grants() -> None:
    """AWS's rate for them is used up for a long time; removals go on."""
    with as_role(WORKER):
        RateLimitBucket.objects.filter(operation="BatchGrantPermissions").update(tokens=0.0, rate=0.000001)


def test_a_column_that_one_leaves_to_another_goes_with_the_other(mesh: Mesh) -> None:
    first = mesh.grant(("gender", "region"))
    mesh.run_until_presence(first, "present")
    block_grants()
    second = mesh.grant(("gender", "smoker"))
    mesh.revoke(first)
    mesh.run_until_presence(first, "absent")
    assert mesh.get_intent(second).presence == Intent.Presence.UNSEEN
    assert mesh.list_held_columns()["SELECT"] == ["gender"]
    mesh.revoke(second)
    mesh.run_until_presence(second, "absent")
    assert mesh.list_held_columns() == {}


def test_what_somebody_else_gave_stays_with_a_grant_that_was_never_applied(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(("region",)), "present")
    mesh.grant_outside_portal(("gender",))
    block_grants()
    never = mesh.grant(("gender", "smoker"))
    mesh.run_rounds(4)
    mesh.revoke(never)
    mesh.run_until_presence(never, "absent")
    assert mesh.list_held_columns()["SELECT"] == ["gender", "region"]


def test_what_a_removal_leaves_to_a_grant_goes_with_the_grant(mesh: Mesh) -> None:
    mesh.grant_outside_portal(("gender", "region"))
    mesh.run_until_presence(mesh.grant(("policy_id",)), "present")
    block_grants()
    removal = order_observed_removal(mesh, get_unmanaged(mesh))
    grant = mesh.grant(("gender", "smoker"))
    run_rounds_until(lambda: Intent.objects.get(pk=removal.pk).is_proven)
    assert mesh.list_held_columns()["SELECT"] == ["gender", "policy_id"]
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns()["SELECT"] == ["policy_id"]
