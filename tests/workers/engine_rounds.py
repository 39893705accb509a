"""Rounds of the engine in the test's own thread."""

import time
from collections.abc import Callable

from django.db import InternalError, connection

from fulfilment.background.database_errors import is_transaction_timeout
from tests.database import as_role, set_role
from workers.engine.due_scopes import run_due_rounds

WORKER = "meshmarket_worker"


def run_rounds(rounds: int) -> int:
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
        time.sleep(0.02)
