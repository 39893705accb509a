"""The end of sessions: idle for too long, or too old."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from identity.sessions import SessionStore

RENEWAL_INTERVAL = timedelta(minutes=1)


class SessionExpiryMiddleware:
    """A session ends when idle for SESSION_COOKIE_AGE, which the row's own expiry holds, or LONGEST_SESSION old.

    A request of a person puts the end off by writing the row, once a minute at most. What a page asks for by
    itself does not, else an open page would never be idle.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any) -> None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        session = request.session
        if not isinstance(session, SessionStore) or session.written_at is None or session.read_at is None:
            return
        began = session.get("began", session.written_at.timestamp())
        if session.read_at - datetime.fromtimestamp(began, UTC) >= timedelta(
            seconds=settings.LONGEST_SESSION
        ):
            logout(request)
        elif session.read_at - session.written_at >= RENEWAL_INTERVAL and not _is_polling(request):
            session["began"] = began


def _is_polling(request: HttpRequest) -> bool:
    """A fragment that polls names what it shows: see `portal.pages.partials.is_unchanged`."""
    return "HX-Request" in request.headers and "seen" in request.GET
