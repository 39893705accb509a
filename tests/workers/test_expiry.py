"""Time ends access by itself."""

from datetime import timedelta

from audit import clock
from requests_app.models import Grant
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.expire import expire_due


def test_access_ends_at_its_time_without_anybodys_doing(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    mesh.work_until(grant, "present")
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=2))
    assert mesh.work_until(grant, "absent").ended_at is None
    assert mesh.visible() == []


def test_the_row_of_an_ended_grant_is_closed_once(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=2))
    with as_role("meshmarket_worker"):
        assert (expire_due(), expire_due()) == (1, 0)
    assert Grant.objects.get(pk=grant.pk).state == "expired"
