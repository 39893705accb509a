"""Sessions in the database that remember when they were written last: settings name this module as their engine."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as Rows


class SessionStore(Rows):
    """`written_at` is None while nothing was read: the session is new, or there is none."""

    written_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined] - missing from the stubs
        if row is None:
            return {}
        self.written_at = row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.decode(row.session_data)
