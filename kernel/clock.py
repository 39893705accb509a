"""The current time, read from the database and never from a process's own clock."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, Func


def now() -> datetime:
    """The time for actions and rounds: `clock_timestamp()` plus the offset of demo and test databases."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT meshmarket_now()")
        row = cursor.fetchone()
    assert row is not None
    moment = row[0]
    assert isinstance(moment, datetime)
    return moment


ADVANCE_SQL = (
    'INSERT INTO audit_clock (id, "offset") VALUES (1, make_interval(secs => %s))'
    ' ON CONFLICT (id) DO UPDATE SET "offset" = audit_clock."offset" + EXCLUDED."offset"'
)


def advance(step: timedelta) -> None:
    """Move demo or test time ahead by `step`. `audit.checks` refuses an offset in production."""
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE_SQL, [step.total_seconds()])


class Now(Func):
    """The same time as an expression in a query, which evaluates it once and not for each row."""

    function = "meshmarket_now"
    template = "(SELECT %(function)s())"
    arity = 0
    output_field = DateTimeField()
