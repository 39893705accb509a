"""Advisory locks of PostgreSQL. Each is named here, and may be taken for one row by a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum, auto

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper


class AdvisoryLock(StrEnum):
    """What is done by one transaction or session at a time. A comment names the key."""

    ACCOUNT_CHECKUP = auto()  # check-up
    APPROVAL = auto()  # principal, or principal and table
    CATALOG_SYNC = auto()  # catalog
    CHAIN_VERIFICATION = auto()
    COLUMN_SCAN = auto()  # scan
    COMPARISON_REQUESTS = auto()
    CRAWLER_RUN = auto()  # crawler run
    DATA_QUERY = auto()  # data query, or who asks
    FACET_COUNTS = auto()
    FRESHNESS = auto()  # product
    GLOSSARY = auto()
    IDEMPOTENCY_KEY = auto()  # person and idempotency key
    LOCAL_GROUPS = auto()  # account
    NEW_OFFER = auto()  # product
    NEW_PRODUCT = auto()  # domain
    PASSWORD_RESET_REQUESTS = auto()
    PERMISSION = auto()  # observed permission
    POLICIES = auto()
    PROMISE = auto()  # product and kind of promise
    PUBLICATION_RULES = auto()
    QUALITY_PROMISE = auto()  # product
    QUALITY_READING = auto()  # catalog
    QUALITY_SERIES = auto()  # table
    QUERY_HISTORY = auto()  # account
    ROLE_VACANCIES = auto()
    ROW_COMPARISON = auto()  # row comparison
    SCHEMA_COMPARISON = auto()
    SEALING = auto()
    SIGN_IN_ATTEMPTS = auto()
    SYNC_REQUESTS = auto()
    TAG_CHANGES = auto()  # catalog
    TABLE_CREDENTIALS = auto()  # table credential
    TABLE_FRESHNESS = auto()  # table
    TABLE_WRITES = auto()  # catalog
    TEST_QUERY = auto()  # test query
    TRAIL = auto()  # trail
    WORD_COUNTS = auto()


ACQUIRE_SHARED_SQL = "pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
"""Takes one parameter, a `format_lock_key`. For a statement that also does something else."""


def format_lock_key(lock: AdvisoryLock, key: int | str = "") -> str:
    return f"{lock}:{key}"


def acquire_transaction_lock(lock: AdvisoryLock, key: int | str = "", *, shared: bool = False) -> None:
    """Wait for the lock and hold it until the end of the transaction."""
    with connection.cursor() as cursor:
        _execute(cursor, "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock", lock, key)


def try_transaction_lock(lock: AdvisoryLock, key: int | str = "", *, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Take the lock until the end of the transaction; False if another session holds it."""
    with connections[using].cursor() as cursor:
        return bool(_execute(cursor, "pg_try_advisory_xact_lock", lock, key))


@contextmanager
def hold_session_lock(lock: AdvisoryLock, key: int | str = "") -> Iterator[None]:
    """Wait for the lock and hold it within the block. It ends with the session if the process is killed."""
    with connection.cursor() as cursor:
        _execute(cursor, "pg_advisory_lock", lock, key)
        try:
            yield
        finally:
            _execute(cursor, "pg_advisory_unlock", lock, key)


@contextmanager
def try_session_lock(lock: AdvisoryLock, key: int | str = "") -> Iterator[bool]:
    """Hold the lock within the block, unless another session holds it; yields whether it is held."""
    with connection.cursor() as cursor:
        is_ours = bool(_execute(cursor, "pg_try_advisory_lock", lock, key))
        try:
            yield is_ours
        finally:
            if is_ours:
                _execute(cursor, "pg_advisory_unlock", lock, key)


def _execute(cursor: CursorWrapper, function: str, lock: AdvisoryLock, key: int | str) -> object:
    cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [format_lock_key(lock, key)])
    (result,) = cursor.fetchone() or (None,)
    return result
