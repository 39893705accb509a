"""Time ends access by itself."""

from datetime import timedelta

import pytest

from background.task_table import TaskName
from fulfilment.rounds import Scope
from kernel import clock
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.due_tasks import run_due
from tests.workers.engine_rounds import claim_next_scope
from tests.workers.mesh import Mesh


def test_access_ends_at_its_time_without_anybodys_doing(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    mesh.run_until_presence(grant, "present")
    pass_two_hours()
    assert mesh.run_until_presence(grant, "absent").ended_at is None
    assert mesh.list_visible_columns() == []


def test_the_row_of_an_ended_grant_is_closed_once(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    pass_two_hours()
    with as_role("meshmarket_worker"):
        assert (run_due(TaskName.EXPIRE_DUE), run_due(TaskName.EXPIRE_DUE)) == (1, 0)
    assert Grant.objects.get(pk=grant.pk).state == "expired"


@pytest.fixture
def stale(mesh: Mesh) -> Grant:
    """Of an hour; its table was made anew."""
    grant = mesh.grant(lasts=timedelta(hours=1))
    mesh.run_until_presence(grant, "present")
    mesh.recreate_table()
    mesh.run_until_presence(grant, "stale")
    return grant


def pass_two_hours() -> None:
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=2))


def is_anything_due() -> bool:
    with as_role("meshmarket_owner"):
        Scope.objects.update(scan_at=clock.now() + timedelta(days=1), not_before=None, lease_until=None)
    with as_role("meshmarket_worker"):
        return claim_next_scope("one") is not None


def test_a_stale_grant_is_proven_absent_at_its_time_and_asks_for_no_round_again(
    mesh: Mesh, stale: Grant
) -> None:
    pass_two_hours()
    with as_role("meshmarket_worker"):
        assert run_due(TaskName.EXPIRE_DUE) == 1
    assert mesh.run_until_presence(stale, "absent").ended_at is None
    mesh.run_rounds()
    assert not is_anything_due()


def test_what_somebody_gave_since_stays_when_the_time_of_a_stale_grant_comes(
    mesh: Mesh, stale: Grant
) -> None:
    mesh.grant_outside_portal(("gender",))
    pass_two_hours()
    mesh.run_until_presence(stale, "absent")
    assert mesh.list_held_columns()["SELECT"] == ["gender"]


def test_who_revokes_a_stale_grant_takes_away_what_stands_there_now(mesh: Mesh, stale: Grant) -> None:
    mesh.grant_outside_portal(("gender",))
    mesh.revoke(stale)
    mesh.run_until_presence(stale, "absent")
    assert mesh.list_held_columns() == {}
