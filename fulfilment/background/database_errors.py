"""What an error of the database says: that it was away, too slow or locked, or that a statement was wrong."""

from django.db import DatabaseError, OperationalError

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
