"""A session that AWS ended before its time says nothing of what it was to read or to write."""

from audit import clock
from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.actions import wake
from fulfilment.ledger.models import Finding
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.mesh import Mesh
from tests.workers.working import WORKER


def end_session(mesh: Mesh, operation: str = "ListPermissions", account: str = BI) -> None:
    """By default the one with which a share's round reads the consuming account, which no other round does."""
    fault = {"kind": "error", "code": "ExpiredTokenException", "account": account}
    mesh.cloud.control("faults", {**fault, "service": "lakeformation", "operation": operation})


def told(grant: Grant, verb: str) -> int:
    return Event.objects.filter(verb=verb, subject=f"item:{grant.item_id}").count()


def test_what_was_proven_is_not_doubted(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    end_session(mesh)
    with as_role(WORKER):
        wake(scope_key=grant.intent.scope_key, reason="a test", now=clock.now())
    mesh.work()
    assert mesh.cloud.control("faults") == []
    assert mesh.intent(grant).presence == "present"
    assert told(grant, "could_not_read") == 0


def test_what_was_changed_meanwhile_is_found_and_mended(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    mesh.take_away(["gender"])
    end_session(mesh)
    mesh.work_for(grant, lambda _: told(grant, "found_drift") == 1)
    mesh.work_until(grant, "present")
    assert Finding.objects.filter(kind="fewer_columns", intents=[grant.intent_id]).exists()
    assert "gender" in mesh.visible()


def test_what_it_could_not_write_is_written_by_the_next_one(mesh: Mesh) -> None:
    end_session(mesh, "BatchGrantPermissions", GOVERNANCE)
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    assert mesh.cloud.control("faults") == []
    assert told(grant, "fail_intent") == 0
