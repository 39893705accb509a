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
LOCKED_OUT = "55P03"
"""SQLSTATE of a statement that waited for a lock for longer than its `lock_timeout`; the session goes on."""


def is_away(error: DatabaseError) -> bool:
    """Whether it is the database that went away, and not this session alone: one that PostgreSQL ended for its time
    says so, a connection that broke or was refused says nothing.
    """
    state = _sqlstate(error)
    return isinstance(error, OperationalError) and (state is None or state.startswith(SHUT_DOWN))


def was_too_slow(error: DatabaseError) -> bool:
    """Whether the database ended the transaction for the time that it took: nothing of it was written."""
    return _sqlstate(error) == TOOK_TOO_LONG


def was_locked_out(error: DatabaseError) -> bool:
    """Whether somebody else kept a row or a key for too long: nothing was written."""
    return _sqlstate(error) == LOCKED_OUT


def _sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def when_it_answers(write: Callable[[], None]) -> None:
    """Write, and again while the database is away, stands still or has others hold the locks, for as long as a lease lasts.
    `write` is one transaction, and does no harm twice: whether one was committed whose answer was lost, nobody knows.
    """
    until = time.monotonic() + settings.LEASE
    while True:
        try:
            write()
        except DatabaseError as error:
            passes = is_away(error) or was_too_slow(error) or was_locked_out(error)
            if not passes or time.monotonic() > until:
                raise
            if not was_locked_out(error):
                connection.close()
            time.sleep(KNOCK_EVERY)
        else:
            return
