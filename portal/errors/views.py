"""Error pages: what, why, what now, and an id to quote that stands in the log as well."""

import logging
import sys
import uuid
from dataclasses import dataclass

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.api.problems import MEDIA_TYPE
from portal.api.problems import Problem as ApiProblem
from portal.pages.post_fields import UnknownActionError

logger = logging.getLogger(__name__)
API = "/api/"
CODES = {
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
    why: str
    now: str
    reference: str
    is_unsent: bool
    """A form's words were not taken: `static/js/unsent.js` keeps them until its page opens anew."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    known = isinstance(exception, UnknownActionError)
    why = str(exception) if known else _("The request from your browser was incomplete or malformed.")
    return _page(request, 400, _("Bad request"), why, _("Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    why = str(exception or "") or _("Your roles don't allow this.")
    now = _("If you need access for your work, ask a governance admin.")
    return _page(request, 403, _("You don't have access to this page"), why, now)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - as above
    """A form whose token is missing or old: settings name this view for it."""
    why = _("The form was open for too long, or cookies are turned off.")
    now = _("Go back, reload the page and send it again. Nothing was changed.")
    return _page(request, 403, _("The form has expired"), why, now, is_unsent=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - as above
    why = _("The page does not exist, has moved, or is not visible to you. The portal does not say which.")
    return _page(
        request, 404, _("Nothing here"), why, _("Search for it, or ask the person who sent you the link.")
    )


def too_large(request: HttpRequest) -> HttpResponse:
    why = _("You sent more data than the portal accepts.")
    now = _("Send less at once. Nothing was changed.")
    return _page(request, 413, _("The request is too large"), why, now, is_unsent=True)


def only_a_form(request: HttpRequest) -> HttpResponse:
    """The address of a form's deed, opened like a page: most often by signing in anew after sending the form."""
    why = _("This address only accepts data from a form on another page. Opening it did nothing.")
    now = _(
        "If you just signed in again, your last input was not saved. Go back to its page and send it again."
    )
    return _page(request, 405, _("Page not found"), why, now, is_unsent=True)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that does not answer is 503; everything else is a bug."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return unavailable(request)
    why = _(
        "Something went wrong in the portal. Changes are saved completely or not at all, so nothing is half done."
    )
    now = _("Try again in a minute. If the problem remains, report the ID below.")
    return _page(request, 500, _("Something went wrong"), why, now)


def unavailable(request: HttpRequest) -> HttpResponse:
    why = _("The database is not responding. Access that was already granted continues to work in AWS.")
    now = _("Try again in a minute.")
    return _page(request, 503, _("Temporarily unavailable"), why, now)


def is_of_the_api(request: HttpRequest) -> bool:
    """Programs are answered in JSON."""
    return request.path_info.startswith(API)


def _page(
    request: HttpRequest, status: int, title: str, why: str, now: str, *, is_unsent: bool = False
) -> HttpResponse:
    """Rendered without the context processors: they may be what broke. To a caller of the API, its JSON."""
    problem = Problem(status, title, why, now, uuid.uuid4().hex[:16], is_unsent)
    logger.warning("problem %s: %s %r answered %s", problem.reference, request.method, request.path, status)
    if is_of_the_api(request):
        body = ApiProblem(status, CODES[status], f"{why} {now}").body(request, request_id=problem.reference)
        return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    return HttpResponse(render_to_string("portal/errors/error.html", {"problem": problem}), status=status)
