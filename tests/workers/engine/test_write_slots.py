"""One write in flight on a resource: who waits for it, and for how long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, connection, transaction

from audit import clock
from demo.bank.accounts import GOVERNANCE, PARTNER, REGION
from demo.embedded.process import wait_until
from fulfilment.rounds.models import Bucket, InFlight, Step
from tests.database import as_role
from tests.workers.mesh import Mesh
from tests.workers.working import work
from workers.aws.rate_limit import adapt

OWNER = "meshmarket_owner"
IN_FLIGHT = Step.objects.filter(outcome="skipped", error__contains="in progress")


def held_slot(mesh: Mesh, *, seconds: float) -> InFlight:
    """A write to the mesh's table of which there is no answer, and that must have landed in so many seconds."""
    with as_role(OWNER):
        step = Step.objects.order_by("pk")[0]
        step.outcome, step.open_until = "sent", clock.now() + timedelta(seconds=seconds)
        step.save()
        return InFlight.objects.create(
            step=step, account_id=GOVERNANCE, region=REGION, resource=f"{mesh.database}/{mesh.table.name}"
        )


def test_a_resource_with_a_write_in_flight_is_not_written_by_another(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(), "present")
    slot = held_slot(mesh, seconds=600)
    grant = mesh.grant(("region",), PARTNER)
    mesh.work_for(grant, lambda _: IN_FLIGHT.exists())
    assert mesh.held(PARTNER) == {}
    with as_role(OWNER):
        slot.delete()
    mesh.work_until(grant, "present")


def test_what_must_have_landed_keeps_nobody_waiting(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(), "present")
    held_slot(mesh, seconds=-1)
    mesh.work_until(mesh.grant(("region",), PARTNER), "present")
    assert not IN_FLIGHT.exists()


def test_who_waits_for_a_slot_keeps_nobody_from_adapting_the_rate(mesh: Mesh) -> None:
    """Who writes an answer gives its slots back first: with the rate kept by the other, both would stand still."""
    mesh.work_until(mesh.grant(), "present")
    slot = held_slot(mesh, seconds=600)
    mesh.grant(("region",), PARTNER)
    rates = Bucket.objects.filter(account_id=GOVERNANCE, operation="BatchGrantPermissions")
    with as_role(OWNER), _working_beside(), transaction.atomic(), connection.cursor() as cursor:
        slot.delete()
        assert wait_until(_somebody_waits, 30, 0.01)
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        before = rates.get().rate
        adapt(GOVERNANCE, REGION, "BatchGrantPermissions", throttled=True)
        assert rates.get().rate < before


@contextmanager
def _working_beside() -> Iterator[None]:
    other = threading.Thread(target=_work_beside)
    other.start()
    try:
        yield
    finally:
        other.join()


def _work_beside() -> None:
    with suppress(DatabaseError):
        work(20)
    connection.close()


def _somebody_waits() -> bool:
    """For a lock: the engine, once it asks for the slot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE NOT granted")
        return bool(cursor.rowcount)
