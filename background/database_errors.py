"""Classifies database errors: server unavailable, transaction timeout, lock timeout."""

from django.db import DatabaseError, OperationalError

SHUTDOWN_PREFIX = "57P0"
"""Prefix of the SQLSTATEs of a server that stops, crashed or starts (PostgreSQL, appendix "Error Codes")."""
TRANSACTION_TIMEOUT = "25P04"
"""SQLSTATE of a transaction that exceeded `transaction_timeout`."""
LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a statement that exceeded `lock_timeout`. The session stays usable."""


def is_unavailable(error: DatabaseError) -> bool:
    """Whether the server is unavailable. A session that PostgreSQL ended for a timeout has a SQLSTATE; a broken or
    refused connection has none.
    """
    state = _sqlstate(error)
    return isinstance(error, OperationalError) and (state is None or state.startswith(SHUTDOWN_PREFIX))


def is_transaction_timeout(error: DatabaseError) -> bool:
    """Whether the transaction exceeded `transaction_timeout` and was rolled back."""
    return _sqlstate(error) == TRANSACTION_TIMEOUT


def is_lock_timeout(error: DatabaseError) -> bool:
    """Whether a lock was not available in time. Nothing was written."""
    return _sqlstate(error) == LOCK_NOT_AVAILABLE


def _sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
