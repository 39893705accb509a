"""Time ends access by itself."""

from datetime import timedelta

import pytest

from audit import clock
from fulfilment.rounds.models import Scope
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.engine.claim import claim
from workers.housekeeping.grant_expiry import expire_due


def test_access_ends_at_its_time_without_anybodys_doing(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    mesh.work_until(grant, "present")
    pass_two_hours()
    assert mesh.work_until(grant, "absent").ended_at is None
    assert mesh.visible() == []


def test_the_row_of_an_ended_grant_is_closed_once(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    pass_two_hours()
    with as_role("meshmarket_worker"):
        assert (expire_due(), expire_due()) == (1, 0)
    assert Grant.objects.get(pk=grant.pk).state == "expired"


@pytest.fixture
def stale(mesh: Mesh) -> Grant:
    """Of an hour; its table was made anew."""
    grant = mesh.grant(lasts=timedelta(hours=1))
    mesh.work_until(grant, "present")
    mesh.make_table_anew()
    mesh.work_until(grant, "stale")
    return grant


def pass_two_hours() -> None:
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=2))


def is_anything_due() -> bool:
    with as_role("meshmarket_owner"):
        Scope.objects.update(scan_at=clock.now() + timedelta(days=1), not_before=None, lease_until=None)
    with as_role("meshmarket_worker"):
        return claim("one") is not None


def test_a_stale_grant_is_proven_absent_at_its_time_and_asks_for_no_round_again(
    mesh: Mesh, stale: Grant
) -> None:
    pass_two_hours()
    with as_role("meshmarket_worker"):
        assert expire_due() == 1
    assert mesh.work_until(stale, "absent").ended_at is None
    mesh.work()
    assert not is_anything_due()


def test_what_somebody_gave_since_stays_when_the_time_of_a_stale_grant_comes(
    mesh: Mesh, stale: Grant
) -> None:
    mesh.slip_in(("gender",))
    pass_two_hours()
    mesh.work_until(stale, "absent")
    assert mesh.held()["SELECT"] == ["gender"]


def test_who_revokes_a_stale_grant_takes_away_what_stands_there_now(mesh: Mesh, stale: Grant) -> None:
    mesh.slip_in(("gender",))
    mesh.revoke(stale)
    mesh.work_until(stale, "absent")
    assert mesh.held() == {}
