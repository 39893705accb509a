"""Statements that PostgreSQL plans once, and COPY."""

import json
from collections.abc import Iterable, Iterator, Sequence
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


_NULL = r"\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def format_row(values: Sequence[Any]) -> str:
    """The row's values separated by tabs, without a line end. Lists become text arrays, dictionaries JSON."""
    said = [_NULL if value is None else _format_value(value) for value in values]
    text = "\t".join(said)
    if needs_no_escaping(text, tabs=len(said) - 1, nulls=values.count(None)):
        return text
    both = zip(values, said, strict=True)
    return "\t".join([one if value is None else one.translate(_ESCAPES) for value, one in both])


def needs_no_escaping(text: str, *, tabs: int, ends: int = 0, nulls: int = 0) -> bool:
    """Whether nothing in it has to be escaped: no backslash but those of nulls, no tab and no end of line but so many that
    stand between values. To look for them is a tenth of the work of escaping each value.
    """
    return (
        text.count("\\") == nulls
        and text.count("\t") == tabs
        and text.count("\n") == ends
        and "\r" not in text
    )


def copy_rows(cursor: Any, statement: str, lines: Iterable[str]) -> None:
    """All lines by one statement, handed over as one text: a row at a time, each few wait for the threads that work beside.
    No statement where there are none.
    """
    if text := "".join(lines):
        with cursor.copy(statement) as copy:
            copy.write(text)


def _format_value(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in value]
        return "{" + ",".join([f'"{text}"' for text in quoted]) + "}"
    return json.dumps(value) if isinstance(value, dict) else str(value)
