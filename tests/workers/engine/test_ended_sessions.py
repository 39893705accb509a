"""A session that AWS ended before its time says nothing of what it was to read or to write."""

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.actions import wake_scope
from fulfilment.permissions.models import DriftFinding
from kernel import clock
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.engine_rounds import WORKER
from tests.workers.mesh import Mesh


def end_session(mesh: Mesh, operation: str = "ListPermissions", account: str = BI) -> None:
    """By default the one with which a share's round reads the consuming account, which no other round does."""
    fault = {"kind": "error", "code": "ExpiredTokenException", "account": account}
    mesh.cloud.control("faults", {**fault, "service": "lakeformation", "operation": operation})


def count_events(grant: Grant, verb: str) -> int:
    return Event.objects.filter(verb=verb, subject=f"item:{grant.item_id}").count()


def test_what_was_proven_is_not_doubted(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    end_session(mesh)
    with as_role(WORKER):
        wake_scope(scope_key=grant.intent.scope_key, reason="a test", now=clock.now())
    mesh.run_rounds()
    assert mesh.cloud.control("faults") == []
    assert mesh.get_intent(grant).presence == "present"
    assert count_events(grant, "could_not_read") == 0


def test_what_was_changed_meanwhile_is_found_and_mended(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.revoke_outside_portal(["gender"])
    end_session(mesh)
    mesh.run_until(grant, lambda _: count_events(grant, "found_drift") == 1)
    mesh.run_until_presence(grant, "present")
    assert DriftFinding.objects.filter(kind="fewer_columns", intents=[grant.intent_id]).exists()
    assert "gender" in mesh.list_visible_columns()


def test_what_it_could_not_write_is_written_by_the_next_one(mesh: Mesh) -> None:
    end_session(mesh, "BatchGrantPermissions", GOVERNANCE)
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    assert mesh.cloud.control("faults") == []
    assert count_events(grant, "fail_intent") == 0
