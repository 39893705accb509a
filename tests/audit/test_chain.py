"""Events are sealed in a chain; whatever is changed afterwards is found."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from audit.actions import record_event, seal_pending
from audit.models import Event, Pending, Seal
from audit.verification import verify_chain
from demo.embedded.throwaway_services import build_url
from kernel import clock
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock
from tests.database import TestDatabase, as_role


def write(count: int = 3) -> None:
    for number in range(count):
        with transaction.atomic():
            record_event(
                verb="approve_item", actor="engine:test", subject=f"item:{number}", data={"n": number},
                now=clock.now(),
            )  # fmt: skip


def seal() -> int:
    with as_role("meshmarket_sealer"):
        return seal_pending()


def change_as_attacker(database: TestDatabase, statement: str) -> None:
    """As a superuser with the triggers off: what an attacker with the database's disk could do."""
    with psycopg.connect(build_url(database.server, database.name)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(statement)


def test_waiting_events_are_sealed_in_batches(committed: TestDatabase) -> None:
    write(5)
    with as_role("meshmarket_sealer"):
        assert [seal_pending(batch_size=2) for _ in range(4)] == [2, 2, 1, 0]
    assert not Pending.objects.exists()
    assert list(verify_chain()) == []


def test_nothing_is_sealed_while_another_process_seals(committed: TestDatabase) -> None:
    def seal_in_a_session_of_its_own() -> int:
        try:
            return seal()
        finally:
            connection.close()

    write(2)
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert try_transaction_lock(AdvisoryLock.SEALING)
        assert pool.submit(seal_in_a_session_of_its_own).result() == 0
    assert seal() == 2


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_event SET data = '{\"n\": 9}' WHERE subject = 'item:1'", "the event was changed"),
        ("UPDATE audit_event SET at = at + interval '1 s' WHERE subject = 'item:1'", "the event was changed"),
        ("UPDATE audit_seal SET hash = repeat('0', 64) WHERE seq = 2", "does not follow"),
        ("UPDATE audit_seal SET hash = repeat('0', 64) WHERE seq = 3", "does not follow"),
        ("UPDATE audit_seal SET prev = repeat('0', 64) WHERE seq = 2", "does not follow"),
        ("DELETE FROM audit_seal WHERE seq = 2", "link 2 is missing"),
        ("DELETE FROM audit_seal WHERE seq = 3", "neither sealed nor waiting"),
    ],
)
def test_every_later_change_is_found(committed: TestDatabase, statement: str, found: str) -> None:
    write()
    seal()
    change_as_attacker(committed, statement)
    assert any(found in problem.text for problem in verify_chain())


@pytest.mark.parametrize(
    "role", ["meshmarket_web", "meshmarket_worker", "meshmarket_sealer", "meshmarket_owner"]
)
def test_no_role_can_change_or_remove_an_event(committed: TestDatabase, role: str) -> None:
    write(1)
    for statement in (
        "UPDATE audit_event SET verb = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event CASCADE",
    ):
        with as_role(role), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Event.objects.get().verb == "approve_item"


def test_only_the_sealer_seals(committed: TestDatabase) -> None:
    write(1)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        seal_pending()
    assert not Seal.objects.exists()
