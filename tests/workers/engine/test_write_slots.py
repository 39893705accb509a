"""One write in flight on a resource: who waits for it, and for how long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, connection, transaction

from demo.bank.accounts import GOVERNANCE, PARTNER, REGION
from demo.embedded.child_process import wait_until
from fulfilment.rounds import RateLimitBucket, Step, WriteInFlight
from kernel import clock
from tests.database import as_role
from tests.workers.engine_rounds import run_rounds
from tests.workers.mesh import Mesh
from workers.aws.calls import adapt_rate

OWNER = "meshmarket_owner"
IN_FLIGHT = Step.objects.filter(outcome="skipped", error__contains="in progress")


def hold_slot(mesh: Mesh, *, seconds: float) -> WriteInFlight:
    """A write to the mesh's table of which there is no answer, and that must have landed in so many seconds."""
    with as_role(OWNER):
        step = Step.objects.order_by("pk")[0]
        step.outcome, step.open_until = "sent", clock.now() + timedelta(seconds=seconds)
        step.save()
        return WriteInFlight.objects.create(
            step=step, account_id=GOVERNANCE, region=REGION, resource=f"{mesh.database}/{mesh.table.name}"
        )


def test_a_resource_with_a_write_in_flight_is_not_written_by_another(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    slot = hold_slot(mesh, seconds=600)
    grant = mesh.grant(("region",), PARTNER)
    mesh.run_until(grant, lambda _: IN_FLIGHT.exists())
    assert mesh.list_held_columns(PARTNER) == {}
    with as_role(OWNER):
        slot.delete()
    mesh.run_until_presence(grant, "present")


def test_what_must_have_landed_keeps_nobody_waiting(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(), "present")
    hold_slot(mesh, seconds=-1)
    mesh.run_until_presence(mesh.grant(("region",), PARTNER), "present")
    assert not IN_FLIGHT.exists()


def test_who_waits_for_a_slot_keeps_nobody_from_adapting_the_rate(mesh: Mesh) -> None:
    """Who writes an answer gives its slots back first: with the rate kept by the other, both would stand still."""
    mesh.run_until_presence(mesh.grant(), "present")
    slot = hold_slot(mesh, seconds=600)
    mesh.grant(("region",), PARTNER)
    rates = RateLimitBucket.objects.filter(account_id=GOVERNANCE, operation="BatchGrantPermissions")
    with as_role(OWNER), _run_engine_thread(), transaction.atomic(), connection.cursor() as cursor:
        slot.delete()
        assert wait_until(_is_anyone_waiting, 30, 0.01)
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        before = rates.get().rate
        adapt_rate(GOVERNANCE, REGION, "BatchGrantPermissions", throttled=True)
        assert rates.get().rate < before


@contextmanager
def _run_engine_thread() -> Iterator[None]:
    other = threading.Thread(target=_run_rounds_in_thread)
    other.start()
    try:
        yield
    finally:
        other.join()


def _run_rounds_in_thread() -> None:
    with suppress(DatabaseError):
        run_rounds(20)
    connection.close()


def _is_anyone_waiting() -> bool:
    """For a lock: the engine, once it asks for the slot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
        return bool(cursor.rowcount)
