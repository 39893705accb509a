"""System checks of the database: its clock and its version."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_clock(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """An advanced clock would end grants early: only demo and test databases may hold one."""
    if settings.CLOCK_MAY_ADVANCE or not databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_clock') IS NOT NULL")
        row = cursor.fetchone()
        if row is None or not row[0]:
            return []
        cursor.execute("SELECT count(*) FROM audit_clock WHERE \"offset\" <> interval '0'")
        row = cursor.fetchone()
    if row and row[0]:
        return [Error("The clock of this database is advanced.", hint="Empty audit_clock.", id="audit.E001")]
    return []


MIN_SERVER_VERSION = 170_000
"""PostgreSQL 17: the first with `transaction_timeout`, which the engine's short transactions set."""


@register(Tags.database)
def check_server_version(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse a PostgreSQL server that is too old."""
    if not databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        row = cursor.fetchone()
    if row and int(row[0]) < MIN_SERVER_VERSION:
        hint = "Use PostgreSQL 17 or newer."
        return [Error(f"PostgreSQL {int(row[0]) // 10_000} is too old.", hint=hint, id="audit.E002")]
    return []
