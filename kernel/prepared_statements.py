"""Statements that PostgreSQL plans once per connection. Planning a search takes longer than running it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format

_SESSION_SETTINGS = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET work_mem = '32MB'"
# Django sets no threshold, and without one psycopg prepares nothing, not even what it is told to.
_NO_AUTOMATIC_PREPARE = 1_000_000_000
_configured_sessions: "WeakSet[psycopg.Connection[Any]]" = WeakSet()


class _PreparedCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> "_PreparedCursor":
        return super().execute(query, params, prepare=settings.PREPARE_STATEMENTS)


@contextmanager
def prepared_cursor(*, binary: bool = False) -> Iterator[CursorWrapper]:
    """A cursor of Django's connection whose statements are kept by the server, planned for any parameters; `binary` is for
    long arrays of numbers.

    A pooler that hands out the server's session for a transaction must know prepared statements; else
    MESHMARKET_PREPARE_STATEMENTS turns them off.
    """
    session = _configure_session()
    cursor: Any = _PreparedCursor(session)
    cursor.format = Format.BINARY if binary else Format.TEXT
    made = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with made(cursor) as wrapped:
        yield wrapped


@contextmanager
def prepared_reads() -> Iterator[None]:
    """Within it, PostgreSQL keeps the plans of Django's own queries too: for pages that send the same ones each time."""
    session = _configure_session()
    factory, session.cursor_factory = session.cursor_factory, _PreparedCursor
    try:
        yield
    finally:
        session.cursor_factory = factory


def _configure_session() -> "psycopg.Connection[Any]":
    connection.ensure_connection()
    session: psycopg.Connection[Any] = connection.connection
    if session not in _configured_sessions:
        session.execute(_SESSION_SETTINGS)
        session.prepare_threshold = _NO_AUTOMATIC_PREPARE
        _configured_sessions.add(session)
    return session
