"""System checks of the database: its clock and its version."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_clock(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """An advanced clock would end grants early: only demo and test databases may hold one."""
    if settings.CLOCK_MAY_ADVANCE or not any(map(_is_clock_advanced, databases or ())):
        return []
    return [Error("The clock of this database is advanced.", hint="Empty audit_clock.", id="audit.E001")]


def _is_clock_advanced(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_clock') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM audit_clock WHERE \"offset\" <> interval '0')")
        return bool(cursor.fetchone() == (True,))


MIN_SERVER_VERSION = 170_000
"""PostgreSQL 17: the first with `transaction_timeout`, which the engine's short transactions set."""


@register(Tags.database)
def check_server_version(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse a PostgreSQL server that is too old."""
    oldest = min(map(_read_server_version, databases or ()), default=MIN_SERVER_VERSION)
    if oldest >= MIN_SERVER_VERSION:
        return []
    hint = "Use PostgreSQL 17 or newer."
    return [Error(f"PostgreSQL {oldest // 10_000} is too old.", hint=hint, id="audit.E002")]


def _read_server_version(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        (version,) = cursor.fetchone()
    return int(version)
