"""A worker that lives on while the database went away says what it knows and gives its scope back, as soon as it can."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import DataError, OperationalError, connection
from django.db.backends.signals import connection_created

from fulfilment.intents.models import Wake
from fulfilment.rounds import Scope, Step, WriteInFlight
from lakeformation.planning import changes
from tests.database import as_role, set_role
from tests.workers.engine_rounds import claim_next_scope
from tests.workers.mesh import Mesh
from workers.aws.writes import StepResult, perform_step
from workers.engine import rounds, send
from workers.engine.claim import Lease, release_scope, short_transaction
from workers.engine.round_records import RoundResult


@pytest.fixture(autouse=True)
def as_worker(mesh: Mesh) -> Iterator[None]:
    """In each session anew: a worker's own address names its role."""

    def again(**_: object) -> None:
        set_role("meshmarket_worker")

    connection_created.connect(again)
    yield
    connection_created.disconnect(again)


def end_session_in_round(lease: Lease) -> RoundResult:
    """What a round meets when PostgreSQL ends its session."""
    end_session()
    raise AssertionError(lease)


def end_session() -> None:
    set_role("none")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_the_scope_is_free_at_once_and_does_not_back_off(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = mesh.grant()
    with monkeypatch.context() as patched, as_role("meshmarket_worker"):
        lease = claim_next_scope("somebody")
        assert lease is not None
        patched.setattr(rounds, "_settle_and_run", end_session_in_round)
        with pytest.raises(OperationalError):
            rounds.run_scope_round(lease)
    scope = Scope.objects.get(pk=lease.scope.pk)
    assert (scope.lease_until, scope.owner, scope.failures) == (None, "", lease.scope.failures)
    assert scope.not_before is not None
    assert scope.not_before < datetime.now(UTC)
    mesh.run_until_presence(grant, "present")


def test_a_round_that_breaks_off_for_what_it_wrote_backs_off(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    mesh.grant()
    with as_role("meshmarket_worker"):
        lease = claim_next_scope("somebody")
    assert lease is not None
    monkeypatch.setattr(rounds, "_settle_and_run", write_overlong_owner)
    monkeypatch.setattr(rounds, "INITIAL_WAIT", 60.0)
    with as_role("meshmarket_worker"), pytest.raises(DataError):
        rounds.run_scope_round(lease)
    scope = Scope.objects.get(pk=lease.scope.pk)
    assert (scope.lease_until, scope.failures) == (None, lease.scope.failures + 1)
    assert scope.not_before is not None
    assert scope.not_before > datetime.now(UTC)


def write_overlong_owner(lease: Lease) -> RoundResult:
    Scope.objects.filter(pk=lease.scope.pk).update(owner="x" * 1000)
    raise AssertionError(lease)


def test_an_answer_is_kept_until_the_database_is_there(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = mesh.grant()
    ended: list[str] = []

    def performed(step: changes.Step, aws: Any) -> StepResult:
        answer = perform_step(step, aws)
        if not ended:
            ended.append(step.operation)
            with suppress(OperationalError):
                end_session()
        return answer

    monkeypatch.setattr(send, "perform_step", performed)
    monkeypatch.setattr(send, "RETRY_INTERVAL", 0.0)
    mesh.run_until_presence(grant, "present")
    assert len(ended) == 1
    assert set(Step.objects.values_list("outcome", flat=True)) == {Step.Outcome.DONE}
    assert not WriteInFlight.objects.exists()


def test_what_took_the_database_too_long_is_written_again(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "RETRY_INTERVAL", 0.0)
    seconds = iter([2, 0])

    def write() -> None:
        with short_transaction(0.1), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [next(seconds)])
            Wake.objects.create(scope_key=mesh.database, at=datetime.now(UTC), reason="a test")

    with as_role("meshmarket_worker"):
        send.retry_write(write)
    assert Wake.objects.filter(scope_key=mesh.database).count() == 1
    assert next(seconds, None) is None


def test_what_waited_too_long_for_a_lock_is_written_again(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "RETRY_INTERVAL", 0.0)
    mesh.grant()
    with as_role("meshmarket_worker"):
        lease = claim_next_scope("somebody")
    assert lease is not None
    with psycopg.connect(os.environ["WORKER_DATABASE_URL"]) as other:
        other.execute("UPDATE fulfilment_scope SET owner = owner WHERE id = %s", [lease.scope.pk])
        tries: list[bool] = []

        def write() -> None:
            tries.append(True)
            if len(tries) == 2:
                other.rollback()
            release_scope(lease, wait=0.0, scan_in=0.0, failures=0)

        with as_role("meshmarket_worker"):
            send.retry_write(write)
    assert len(tries) == 2
    assert Scope.objects.get(pk=lease.scope.pk).owner == ""


def test_it_knocks_until_the_database_answers(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh.grant()
    with as_role("meshmarket_worker"):
        lease = claim_next_scope("somebody")
    assert lease is not None
    knocks = iter([OperationalError("starting up"), OperationalError("starting up"), None])

    def released(*said: object, **more: object) -> None:
        if error := next(knocks):
            raise error
        real(*said, **more)  # type: ignore[arg-type]

    real = release_scope
    monkeypatch.setattr(send, "RETRY_INTERVAL", 0.0)
    monkeypatch.setattr(rounds, "release_scope", released)
    monkeypatch.setattr(rounds, "_settle_and_run", end_session_in_round)
    with pytest.raises(OperationalError):
        rounds.run_scope_round(lease)
    assert next(knocks, "no more") == "no more"
    assert Scope.objects.get(pk=lease.scope.pk).owner == ""
