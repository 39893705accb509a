"""Rounds of the engine in the test's own thread."""

import time
from collections.abc import Callable

from django.db import InternalError, connection

from fulfilment.background.database_errors import was_too_slow
from tests.database import as_role, set_role
from workers.engine.due_scopes import converge

WORKER = "meshmarket_worker"


def work(rounds: int) -> int:
    """As the sweep works: a session that PostgreSQL ended, for a transaction that took too long, is begun anew."""
    with as_role(WORKER):
        try:
            return converge(most=rounds)
        except InternalError as error:
            if not was_too_slow(error):
                raise
            connection.close()
            set_role(WORKER)
            return 0


def work_till(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    """Converge until something is so, or for so long: a listing may show it late. Who asked asserts it."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        work(2)
        time.sleep(0.02)
