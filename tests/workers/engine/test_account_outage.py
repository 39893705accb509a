"""An account that does not answer holds up its own work alone, and goes on soon after it answers again."""

import pytest
from django.db import connection

from demo.bank.accounts import BI, PARTNER
from fulfilment.intents.models import Intent
from fulfilment.rounds import AccountOutage, Scope
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws import sessions


@pytest.fixture
def deaf(mesh: Mesh) -> Mesh:
    """BI's account answers nothing."""
    sessions.clear_sessions()
    mesh.cloud.control("faults", {"kind": "unreachable", "account": BI})
    return mesh


def age_outage(seconds: float) -> None:
    """For the silence alone."""
    gone = "make_interval(secs => %(seconds)s)"
    with as_role("meshmarket_worker"), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE fulfilment_accountoutage SET since = since - {gone}, retry_at = retry_at - {gone}",
            {"seconds": seconds},
        )


def test_others_do_not_wait_for_it(deaf: Mesh) -> None:
    waits, goes_on = deaf.grant(account=BI), deaf.grant(account=PARTNER)
    deaf.run_until_presence(goes_on, Intent.Presence.PRESENT)
    assert deaf.get_intent(waits).presence != Intent.Presence.PRESENT
    assert [row.account.account_id for row in AccountOutage.objects.all()] == [BI]


@pytest.mark.all
def test_of_its_scopes_one_asks_at_a_time(deaf: Mesh) -> None:
    deaf.grant(account=BI)
    deaf.run_rounds()
    scope = Scope.objects.get(kind=Scope.Kind.SHARE, consumer__account_id=BI)
    age_outage(-60)
    for _ in range(3):
        deaf.run_rounds()
    assert Scope.objects.get(pk=scope.pk).epoch == scope.epoch
    age_outage(70)
    deaf.run_rounds()
    assert Scope.objects.get(pk=scope.pk).epoch > scope.epoch


@pytest.mark.all
def test_its_work_goes_on_when_it_answers_again(deaf: Mesh) -> None:
    waits = deaf.grant(account=BI)
    for _ in range(6):
        deaf.run_rounds()
        age_outage(10)
    deaf.cloud.control("faults", method="DELETE")
    deaf.run_until_presence(waits, Intent.Presence.PRESENT, seconds=30)
    assert not AccountOutage.objects.exists()


def test_after_a_while_what_was_proven_is_no_longer_claimed(mesh: Mesh) -> None:
    grant = mesh.grant(account=BI)
    mesh.run_until_presence(grant, "present")
    sessions.clear_sessions()
    mesh.cloud.control("faults", {"kind": "unreachable", "account": BI})
    mesh.run_until(grant, lambda _intent: AccountOutage.objects.exists())
    assert mesh.get_intent(grant).presence == "present"
    age_outage(20)
    intent = mesh.run_until(grant, lambda intent: intent.presence == "unknown")
    assert "could not be read" in intent.failure
    mesh.cloud.control("faults", method="DELETE")
    age_outage(20)
    mesh.run_until_presence(grant, "present")


@pytest.mark.all
def test_however_long_it_lasts_it_earns_its_scopes_no_back_off(deaf: Mesh) -> None:
    deaf.grant(account=BI)
    for _ in range(6):
        deaf.run_rounds()
        age_outage(10)
    scope = Scope.objects.get(kind=Scope.Kind.SHARE, consumer__account_id=BI)
    assert (scope.epoch > 3, scope.failures) == (True, 0)


def test_a_refusal_is_an_answer(mesh: Mesh) -> None:
    sessions.clear_sessions()
    mesh.cloud.control(
        "faults",
        {"kind": "error", "code": "AccessDeniedException", "operation": "ListPermissions", "rate": 1.0},
    )
    mesh.grant(account=BI)
    mesh.run_rounds()
    assert not AccountOutage.objects.exists()
