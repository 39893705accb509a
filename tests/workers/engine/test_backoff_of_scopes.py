"""What is decided now does not wait for the back-off that an older failure has earned."""

import time
from datetime import timedelta

from django.conf import settings

from background.task_table import TaskName
from fulfilment.rounds import Scope
from kernel import clock
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.due_tasks import run_due
from tests.workers.engine_rounds import claim_next_scope
from tests.workers.mesh import Mesh
from workers.engine.claim import release_scope


def back_off_scope(mesh: Mesh, grant: Grant) -> None:
    """The grant's scope is given back as after a failure, for a minute."""
    mesh.run_until_presence(grant, "present")
    with as_role("meshmarket_worker"):
        Scope.objects.update(not_before=None, scan_at=None)
        for found in list(iter(lambda: claim_next_scope("one"), None)):
            release_scope(found, wait=60, scan_in=settings.SCAN_EVERY, failures=9)
    assert list_due_kinds(mesh) == []


def list_due_kinds(_mesh: Mesh) -> list[str]:
    """Kinds of the scopes that can be taken; they stay taken."""
    with as_role("meshmarket_worker"):
        return [found.scope.kind for found in iter(lambda: claim_next_scope("two"), None)]


def test_a_revocation_does_not_wait(mesh: Mesh) -> None:
    grant = mesh.grant()
    back_off_scope(mesh, grant)
    mesh.revoke(grant)
    assert list_due_kinds(mesh) == [Scope.Kind.SHARE]


def test_an_end_that_comes_does_not_wait(mesh: Mesh) -> None:
    grant = mesh.grant(lasts=timedelta(hours=1))
    back_off_scope(mesh, grant)
    soon = timedelta(seconds=0.3)
    with as_role("meshmarket_owner"):
        clock.advance(grant.ends_at - clock.now() - soon)
    time.sleep(2 * soon.total_seconds())
    with as_role("meshmarket_worker"):
        assert run_due(TaskName.EXPIRE_DUE) == 1
    assert list_due_kinds(mesh) == [Scope.Kind.SHARE]


def test_it_is_tried_once_then_waits_with_the_others(mesh: Mesh) -> None:
    grant = mesh.grant()
    back_off_scope(mesh, grant)
    mesh.revoke(grant)
    with as_role("meshmarket_worker"):
        found = claim_next_scope("two")
        assert found is not None
        release_scope(found, wait=60, scan_in=settings.SCAN_EVERY, failures=10)
    assert list_due_kinds(mesh) == []
