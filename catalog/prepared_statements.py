"""Statements that PostgreSQL plans once for a connection: for a search, planning takes longer than finding."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format

_SET = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET work_mem = '32MB'"
# Django sets no threshold, and without one psycopg prepares nothing, not even what it is told to.
_BY_ITSELF_NEVER = 1_000_000_000
_generic: "WeakSet[psycopg.Connection[Any]]" = WeakSet()


class _Prepared(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> "_Prepared":
        return super().execute(query, params, prepare=settings.PREPARE_STATEMENTS)


@contextmanager
def prepared(*, binary: bool = False) -> Iterator[CursorWrapper]:
    """A cursor of Django's connection whose statements are kept by the server, planned for any parameters; `binary` is for
    long arrays of numbers.

    A pooler that hands out the server's session for a transaction must know prepared statements; else
    MESHMARKET_PREPARE_STATEMENTS turns them off.
    """
    connection.ensure_connection()
    session = connection.connection
    if session not in _generic:
        session.execute(_SET)
        session.prepare_threshold = _BY_ITSELF_NEVER
        _generic.add(session)
    cursor: Any = _Prepared(session)
    cursor.format = Format.BINARY if binary else Format.TEXT
    made = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with made(cursor) as wrapped:
        yield wrapped
