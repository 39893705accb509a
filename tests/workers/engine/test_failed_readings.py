"""What was proven stays so while one reading fails, and is unknown once several have failed in a row."""

import pytest

from fulfilment.intents.actions import wake_scope
from fulfilment.rounds import Scope
from kernel import clock
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.engine_rounds import WORKER, claim_next_scope
from tests.workers.mesh import Mesh
from workers.aws.errors import AwsError, ErrorKind
from workers.engine import share_round


@pytest.fixture
def granted(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> Grant:
    """A grant that is proven; its scope has failed time and again, as when something else of it is refused."""
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.run_rounds()
    with as_role(WORKER):
        Scope.objects.update(failures=50)

    def throttled(*_: object) -> None:
        raise AwsError(ErrorKind.THROTTLED, "ThrottlingException", "Rate exceeded")

    monkeypatch.setattr(share_round, "read_share", throttled)
    return grant


def fail_reading(grant: Grant) -> None:
    with as_role(WORKER):
        wake_scope(scope_key=grant.intent.scope_key, reason="a test", now=clock.now())
        Scope.objects.update(not_before=None)
        lease = claim_next_scope("test")
        assert lease is not None
        assert lease.scope.key == grant.intent.scope_key
        assert share_round.run_share_round(lease).has_failed
        Scope.objects.update(lease_until=clock.now())


def test_one_reading_that_fails_takes_no_proof_away_however_often_the_scope_was_refused(
    mesh: Mesh, granted: Grant
) -> None:
    fail_reading(granted)
    assert mesh.get_intent(granted).presence == "present"


def test_after_several_in_a_row_it_is_unknown(mesh: Mesh, granted: Grant) -> None:
    for _ in range(share_round.MAX_UNREAD_ROUNDS + 1):
        assert mesh.get_intent(granted).presence == "present"
        fail_reading(granted)
    assert mesh.get_intent(granted).presence == "unknown"
    assert "Rate exceeded" in mesh.get_intent(granted).failure
