"""Sessions in the database that remember when they were written last: settings name this module as their engine."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as Rows
from django.db import connection

# Each request asks it: making the statement of a queryset takes longer than its answer.
_SESSION_SQL = """SELECT session_data, expire_date, statement_timestamp(), meshmarket_now() FROM django_session
WHERE session_key = %s AND expire_date > statement_timestamp()"""


class SessionStore(Rows):
    """`written_at`, `read_at` and `now`, the time of `kernel.clock`, are None while nothing was read: the session is
    new, or there is none.
    """

    written_at: datetime | None = None
    read_at: datetime | None = None
    now: datetime | None = None

    def load(self) -> dict[str, Any]:
        """The session data; empty once it has expired by the database's clock."""
        with connection.cursor() as cursor:
            cursor.execute(_SESSION_SQL, [self.session_key])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        data, ends, self.read_at, self.now = row
        self.written_at = ends - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.decode(data)
