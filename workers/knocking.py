"""What must be written once the database is there again: a worker that outlived it knows what nobody else does."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

KNOCK_EVERY = 0.2
"""Seconds between two tries to speak to a database that went away."""
SHUT_DOWN = "57P0"
"""How SQLSTATE begins of what a server says that stops, crashed or starts: PostgreSQL's appendix of error codes."""
TOOK_TOO_LONG = "25P04"
"""SQLSTATE of a transaction that outlasted its `transaction_timeout`."""


def is_away(error: DatabaseError) -> bool:
    """Whether it is the database that went away, and not this session alone: one that PostgreSQL ended for its time
    says so, a connection that broke or was refused says nothing.
    """
    state = _sqlstate(error)
    return isinstance(error, OperationalError) and (state is None or state.startswith(SHUT_DOWN))


def was_too_slow(error: DatabaseError) -> bool:
    """Whether the database ended the transaction for the time that it took: nothing of it was written."""
    return _sqlstate(error) == TOOK_TOO_LONG


def _sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def when_it_answers(write: Callable[[], None]) -> None:
    """Write, and again while the database is away or stands still, for as long as a lease lasts. `write` is one transaction, and does no
    harm twice: whether one was committed whose answer was lost, nobody knows.
    """
    until = time.monotonic() + settings.LEASE
    while True:
        try:
            write()
        except DatabaseError as error:
            if not (is_away(error) or was_too_slow(error)) or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(KNOCK_EVERY)
        else:
            return
