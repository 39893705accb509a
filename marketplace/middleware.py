"""Addresses that are no text; the end of sessions; and the bell, one nudge to the workers after a successful unsafe request."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from kombu.exceptions import OperationalError

from identity.sessions import SessionStore
from marketplace.celery import app

logger = logging.getLogger(__name__)
A_MINUTE = timedelta(minutes=1)
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


class TextOnly:
    """Refuses an address with a null character in it: no page asks for one, and no column holds it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return self.get_response(request)


class PrivateAnswers:
    """Nothing but static files, which are served before this, is kept by a browser or a proxy on the way.

    Pages without a person, too: they carry a form's token, and nobody is the same person later.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cache-Control"] = "private, no-store"
        return response


class Bell:
    """Rings by task name, so that no worker code is loaded here. A dead broker costs milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in SAFE and response.status_code < 400:  # noqa: PLR2004
            ring()
        return response


class Sitting:
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
        elif session.read_at - session.written_at >= A_MINUTE and not _asks_by_itself(request):
            session["began"] = began


def _asks_by_itself(request: HttpRequest) -> bool:
    """A fragment that polls names what it shows: see `portal.fragments.unchanged`."""
    return "HX-Request" in request.headers and "seen" in request.GET


def ring() -> bool:
    """Ask the workers to look for due scopes now; False when the broker did not take it."""
    if not settings.REDIS_URL:
        return False
    try:
        app.send_task("workers.converge", ignore_result=True, retry=False)
    except OperationalError as error:
        logger.info("the broker did not take the nudge: %s", error)
        return False
    return True
