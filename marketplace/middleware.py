"""Middleware of each request: headers, addresses and bodies that are taken, the id that log lines carry, and the end of sessions."""

import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import BadRequest, ImproperlyConfigured
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from background.log_context import add_to_log_context, bind_log_context, create_request_id
from identity.sessions import SessionStore
from portal.errors import views

FORWARDING_HEADERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
)


class TrustedProxyMiddleware:
    """Drops forwarding headers of anybody who is not at one of `PROXY_ADDRESSES`, and all of them without proxies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        try:
            self.networks = [ip_network(one) for one in settings.PROXY_ADDRESSES]
        except ValueError as error:
            raise ImproperlyConfigured(f"MESHMARKET_PROXY_ADDRESSES: {error}") from error

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PROXIES or not self._is_trusted(request.META.get("REMOTE_ADDR", "")):
            for name in FORWARDING_HEADERS:
                request.META.pop(name, None)
        return self.get_response(request)

    def _is_trusted(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return not text  # a socket of the file system, which only this machine's processes open
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)


class NullCharacterMiddleware:
    """Refuses an address with a null character in it: no page asks for one, and no column holds it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return self.get_response(request)


class BodySizeMiddleware:
    """Answers 413 before anything reads the body or asks who sends it.

    The server gives the length of a body in chunks, too; under another server such a body is not read at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise BadRequest
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return views.too_large(request)
        return self.get_response(request)


class FileRefusingUploadHandler(FileUploadHandler):
    """Refuse file uploads: no page takes a file."""

    def new_file(self, *_arguments: object, **_options: object) -> NoReturn:
        raise BadRequest("Meshmarket takes no files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:  # noqa: ARG002 - Django's own
        raise BadRequest

    def file_complete(self, file_size: int) -> None:
        """Nothing was kept."""


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


class NoStoreMiddleware:
    """Send `Cache-Control: private, no-store` with every page; static files are served before this.

    Public pages too: they carry a CSRF token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cache-Control"] = "private, no-store"
        return response


logger = logging.getLogger(__name__)
REQUEST_ID_HEADER = "X-Request-ID"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """The id is the caller's `X-Request-ID` if it is well formed, else a new one.

    With text lines the server's access log tells of requests, so that none are logged here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = given if VALID_REQUEST_ID.fullmatch(given) else create_request_id()
        request.request_id = request_id  # type: ignore[attr-defined]
        began = time.monotonic()
        with bind_log_context(request_id=request_id):
            response = self.get_response(request)
            if settings.LOG_FORMAT == "json":
                # Without the query, which may hold what people search for.
                view = request.resolver_match.view_name if request.resolver_match else ""
                with bind_log_context(
                    method=request.method or "",
                    path=request.path,
                    view=view,
                    status=response.status_code,
                    milliseconds=round((time.monotonic() - began) * 1000),
                ):
                    logger.info("%s %s answered %s", request.method, request.path, response.status_code)
        response[REQUEST_ID_HEADER] = request_id
        return response


class PersonIdMiddleware:
    """Adds the signed-in person's id; runs after the person was read for the view's own check of the sign-in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any) -> None:
        is_api = hasattr(view, "cls")
        if (is_api or getattr(view, "login_required", True)) and request.user.pk:
            add_to_log_context(person=request.user.pk)
