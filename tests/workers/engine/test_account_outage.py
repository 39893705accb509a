"""An account that does not answer holds up its own work alone, and goes on soon after it answers again."""

import pytest
from django.db import connection

from demo.bank.accounts import BI, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.rounds.models import Scope, Silence
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws import sessions


@pytest.fixture
def deaf(mesh: Mesh) -> Mesh:
    """BI's account answers nothing."""
    sessions.forget_everything()
    mesh.cloud.control("faults", {"kind": "unreachable", "account": BI})
    return mesh


def let_time_pass(seconds: float) -> None:
    """For the silence alone."""
    gone = "make_interval(secs => %(seconds)s)"
    with as_role("meshmarket_worker"), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE fulfilment_silence SET since = since - {gone}, ask_at = ask_at - {gone}",
            {"seconds": seconds},
        )


def test_others_do_not_wait_for_it(deaf: Mesh) -> None:
    waits, goes_on = deaf.grant(account=BI), deaf.grant(account=PARTNER)
    deaf.work_until(goes_on, Intent.Presence.PRESENT)
    assert deaf.intent(waits).presence != Intent.Presence.PRESENT
    assert [row.account.account_id for row in Silence.objects.all()] == [BI]


@pytest.mark.all
def test_of_its_scopes_one_asks_at_a_time(deaf: Mesh) -> None:
    deaf.grant(account=BI)
    deaf.work()
    scope = Scope.objects.get(kind=Scope.Kind.SHARE, consumer__account_id=BI)
    let_time_pass(-60)
    for _ in range(3):
        deaf.work()
    assert Scope.objects.get(pk=scope.pk).epoch == scope.epoch
    let_time_pass(70)
    deaf.work()
    assert Scope.objects.get(pk=scope.pk).epoch > scope.epoch


@pytest.mark.all
def test_its_work_goes_on_when_it_answers_again(deaf: Mesh) -> None:
    waits = deaf.grant(account=BI)
    for _ in range(6):
        deaf.work()
        let_time_pass(10)
    deaf.cloud.control("faults", method="DELETE")
    deaf.work_until(waits, Intent.Presence.PRESENT, seconds=30)
    assert not Silence.objects.exists()


def test_after_a_while_what_was_proven_is_no_longer_claimed(mesh: Mesh) -> None:
    grant = mesh.grant(account=BI)
    mesh.work_until(grant, "present")
    sessions.forget_everything()
    mesh.cloud.control("faults", {"kind": "unreachable", "account": BI})
    mesh.work_for(grant, lambda _intent: Silence.objects.exists())
    assert mesh.intent(grant).presence == "present"
    let_time_pass(20)
    intent = mesh.work_for(grant, lambda intent: intent.presence == "unknown")
    assert "could not be read" in intent.failure
    mesh.cloud.control("faults", method="DELETE")
    let_time_pass(20)
    mesh.work_until(grant, "present")


@pytest.mark.all
def test_however_long_it_lasts_it_earns_its_scopes_no_back_off(deaf: Mesh) -> None:
    deaf.grant(account=BI)
    for _ in range(6):
        deaf.work()
        let_time_pass(10)
    scope = Scope.objects.get(kind=Scope.Kind.SHARE, consumer__account_id=BI)
    assert (scope.epoch > 3, scope.failures) == (True, 0)


def test_a_refusal_is_an_answer(mesh: Mesh) -> None:
    sessions.forget_everything()
    mesh.cloud.control(
        "faults",
        {"kind": "error", "code": "AccessDeniedException", "operation": "ListPermissions", "rate": 1.0},
    )
    mesh.grant(account=BI)
    mesh.work()
    assert not Silence.objects.exists()
