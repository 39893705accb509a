"""Error pages with a reason, advice and a reference that is also in the log."""

import logging
import sys
from dataclasses import dataclass
from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from background.log_context import get_request_id
from portal.api.problems import MEDIA_TYPE
from portal.api.problems import Problem as ApiProblem
from portal.pages.post_fields import UnknownActionError

logger = logging.getLogger(__name__)
API_PREFIX = "/api/"
ERROR_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    500: "server_error",
    503: "unavailable",
}


@dataclass(frozen=True)
class Problem:
    status: int
    title: str
    reason: str
    advice: str
    reference: str
    is_unsent: bool
    """The form was not saved: `static/js/unsent_forms.js` restores its fields when its page opens again."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    known = isinstance(exception, UnknownActionError)
    why = str(exception) if known else _("The request from your browser was incomplete or malformed.")
    return _render_error(request, 400, _("Bad request"), why, _("Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    why = str(exception or "") or _("Your roles don't allow this.")
    now = _("If you need access for your work, ask a governance admin.")
    return _render_error(request, 403, _("You don't have access to this page"), why, now)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - as above
    """The CSRF_FAILURE_VIEW of the settings."""
    why = _("The form was open for too long, or cookies are turned off.")
    now = _("Go back, reload the page and send it again. Nothing was changed.")
    return _render_error(request, 403, _("The form has expired"), why, now, is_unsent=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as above
    why = _("There is no page at this address, or you don't have access to it.")
    now = _("Check the address, search for what you need, or ask the person who sent you the link.")
    return _render_error(request, 404, _("Nothing here"), why, now)


def too_large(request: HttpRequest) -> HttpResponse:
    why = _("You sent more data than the portal accepts.")
    now = _("Send less at once. Nothing was changed.")
    return _render_error(request, 413, _("The request is too large"), why, now, is_unsent=True)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """GET on a POST-only URL, usually after signing in again."""
    why = _("This address only accepts data from a form on another page. Opening it did nothing.")
    now = _(
        "If you just signed in again, your last input was not saved. Go back to its page and send it again."
    )
    return _render_error(request, 405, _("Page not found"), why, now, is_unsent=True)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 if the database is unavailable, else 500."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable(request)
    why = _(
        "Something went wrong in the portal. Changes are saved completely or not at all, so nothing is half done."
    )
    now = _("Try again in a minute. If the problem remains, report the ID below.")
    return _render_error(request, 500, _("Something went wrong"), why, now)


def unavailable(request: HttpRequest) -> HttpResponse:
    why = _("The database is not responding. Access that was already granted continues to work in AWS.")
    now = _("Try again in a minute.")
    return _render_error(request, 503, _("Temporarily unavailable"), why, now)


def is_api_request(request: HttpRequest) -> bool:
    """API requests receive JSON errors."""
    return request.path_info.startswith(API_PREFIX)


def _render_error(
    request: HttpRequest, status: int, title: str, why: str, now: str, *, is_unsent: bool = False
) -> HttpResponse:
    """With the navigation for who is signed in; without it where that fails, because it may be the cause. JSON for API requests."""
    problem = Problem(status, title, why, now, get_request_id(), is_unsent)
    logger.warning("problem %s: %s %r answered %s", problem.reference, request.method, request.path, status)
    if is_api_request(request):
        body = ApiProblem(status, ERROR_CODES[status], f"{why} {now}").body(request)
        return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    context = {"problem": problem}
    if status != HTTPStatus.SERVICE_UNAVAILABLE and hasattr(request, "user"):
        try:
            if request.user.is_authenticated:
                return HttpResponse(
                    render_to_string("portal/errors/in_portal.html", context, request), status=status
                )
        except Exception:
            logger.exception("problem %s: the navigation cannot be shown", problem.reference)
    return HttpResponse(render_to_string("portal/errors/error.html", context), status=status)
