"""Rounds of the engine in the test's own thread."""

import time
from collections.abc import Callable

from django.db import DatabaseError, InternalError, connection

from background.task_failures import record_failure
from background.task_table import TaskName
from background.tasks import is_transaction_timeout
from tests.cloud_fixture import LATE_MILLISECONDS
from tests.database import as_role, set_role
from workers.dispatch.loop import list_due
from workers.engine.claim import Lease, claim_scope
from workers.engine.rounds import converge_scope

WORKER = "meshmarket_worker"


def run_due_rounds(*, max_rounds: int) -> int:
    """Rounds of due scopes, one after the other, until none is due; returns how many."""
    for count in range(max_rounds):
        due = list_due(TaskName.CONVERGE_SCOPE)
        if not due or not _converge(due[0]):
            return count
    return max_rounds


def _converge(scope_id: int) -> bool:
    """As a worker does: an unexpected exception in one scope stops no other."""
    try:
        return converge_scope(scope_id)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - recorded, as by a worker
        record_failure(TaskName.CONVERGE_SCOPE, scope_id, error, "test")
        return True


def claim_next_scope(owner: str) -> Lease | None:
    """The first due scope that nobody else takes meanwhile."""
    for scope_id in list_due(TaskName.CONVERGE_SCOPE):
        if (lease := claim_scope(owner, scope_id)) is not None:
            return lease
    return None


def wait_for_listings() -> None:
    """Until listings show what was done so far."""
    time.sleep(LATE_MILLISECONDS / 1000 + 0.01)


def run_rounds(rounds: int) -> int:
    """Until none is due, also once listings show what the last ones did; returns how many."""
    count = 0
    while count < rounds:
        wait_for_listings()
        if not (more := _run_some_rounds(rounds - count)):
            break
        count += more
    return count


def _run_some_rounds(rounds: int) -> int:
    """As the sweep works: a session that PostgreSQL ended, for a transaction that took too long, is begun anew."""
    with as_role(WORKER):
        try:
            return run_due_rounds(max_rounds=rounds)
        except InternalError as error:
            if not is_transaction_timeout(error):
                raise
            connection.close()
            set_role(WORKER)
            return 0


def run_rounds_until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    """Converge until something is so, or for so long: a listing may show it late. Who asked asserts it."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        run_rounds(2)
