"""Gives each request an id, which its log lines carry and its response returns, and logs it as one JSON line."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from background.log_context import add_to_log_context, bind_log_context, create_request_id

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
