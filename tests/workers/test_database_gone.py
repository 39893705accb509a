"""A worker that lives on while the database went away gives its scope back, as soon as it can say so."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from fulfilment.models import Scope
from tests.database import as_role, set_role
from tests.workers.mesh import Mesh
from workers import rounds
from workers.claim import Lease, claim, release
from workers.journal import Pass


@pytest.fixture(autouse=True)
def as_worker(mesh: Mesh) -> Iterator[None]:
    """In each session anew: a worker's own address names its role."""

    def again(**_: object) -> None:
        set_role("meshmarket_worker")

    connection_created.connect(again)
    yield
    connection_created.disconnect(again)


def cut_off(lease: Lease) -> Pass:
    """What a round meets when PostgreSQL ends its session."""
    set_role("none")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    raise AssertionError(lease)


def test_the_scope_is_free_before_its_lease_has_run_out(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = mesh.grant()
    with monkeypatch.context() as patched, as_role("meshmarket_worker"):
        lease = claim("somebody")
        assert lease is not None
        patched.setattr(rounds, "_run", cut_off)
        with pytest.raises(OperationalError):
            rounds.run(lease)
    scope = Scope.objects.get(pk=lease.scope.pk)
    assert (scope.lease_until, scope.owner, scope.failures) == (None, "", lease.scope.failures + 1)
    mesh.work_until(grant, "present")


def test_it_knocks_until_the_database_answers(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh.grant()
    with as_role("meshmarket_worker"):
        lease = claim("somebody")
    assert lease is not None
    knocks = iter([OperationalError("starting up"), OperationalError("starting up"), None])

    def released(*said: object, **more: object) -> None:
        if error := next(knocks):
            raise error
        real(*said, **more)  # type: ignore[arg-type]

    real = release
    monkeypatch.setattr(rounds, "KNOCK_EVERY", 0.0)
    monkeypatch.setattr(rounds, "release", released)
    monkeypatch.setattr(rounds, "_run", cut_off)
    with pytest.raises(OperationalError):
        rounds.run(lease)
    assert next(knocks, "no more") == "no more"
    assert Scope.objects.get(pk=lease.scope.pk).owner == ""
