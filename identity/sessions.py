"""Sessions in the database that remember when they were written last: settings name this module as their engine."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as Rows
from django.contrib.sessions.models import Session
from django.db.models.functions import Now


class SessionStore(Rows):
    """`written_at` and `read_at` are None while nothing was read: the session is new, or there is none."""

    written_at: datetime | None = None
    read_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        """What the row holds; nothing once its end has come by the database's clock."""
        live = Session.objects.filter(session_key=self.session_key, expire_date__gt=Now())
        row = live.annotate(read_at=Now()).first()
        if row is None:
            self._session_key = None
            return {}
        self.read_at = row.read_at
        self.written_at = row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.decode(row.session_data)
