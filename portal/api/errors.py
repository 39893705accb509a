"""The one exception handler: typed refusals and the framework's errors become problem details."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from portal.api.problems import MEDIA_TYPE, ChangedError, PreconditionError, Problem, pointer_to
from portal.api.serializers import EffectsOut
from requests_app.errors import EffectsChangedError, MissingInformationError, PolicyChangedError
from requests_app.idempotency import KEY_HEADER

READING = frozenset({"GET", "HEAD", "OPTIONS"})
MEMBERS = {"ends_at": "expires_at", "reason": "comment"}
"""Paths in the request body, by the argument name of the action. A view adds its own as `members`; an empty path is the
whole body.
"""
KEYS = frozenset({"key", "idempotency_key", KEY_HEADER})
CHANGED_SINCE = {"shown": "terms_changed", "based_on": "version_changed"}
"""Refusals that say: what you looked at is no longer so."""
IF_MATCH = "basket"
"""What the action calls the version that a header names."""


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a raised error; None, which is a 500, for what nobody expected."""
    request, places = context["request"], {**MEMBERS, **getattr(context["view"], "members", {})}
    call = Call(request.method in READING, places)
    for kind, describe in _PROBLEMS.items():
        if isinstance(error, kind):
            return _respond(describe(error, call), request)
    response = exception_handler(error, context)
    if response is None:
        return None
    return _respond(_framework_problem(error, response, call), request, response)


def _respond(problem: Problem, request: Any, response: Response | None = None) -> Response:
    body = problem.body(getattr(request, "_request", request))
    headers = dict(response.headers) if response is not None else {}
    headers.pop("Content-Type", None)
    return Response(body, problem.status, headers=headers, content_type=MEDIA_TYPE)


@dataclass(frozen=True)
class Call:
    """`places`: paths in the request body, by the argument name of the action."""

    is_read: bool
    places: Mapping[str, str]

    def error(self, path: str, code: str, detail: str) -> dict[str, str]:
        """One entry of `errors`: a parameter of the query, a header, or a place in the body."""
        if path == KEY_HEADER:
            return {"header": path, "code": code, "detail": detail}
        where = {"parameter": path} if self.is_read else {"pointer": pointer_to(path)}
        return {**where, "code": code, "detail": detail}

    def place_of(self, field: str) -> str:
        """The place of an action's input, `items.2` of one among several. Its own name if it has no other place."""
        return self.places.get(field.partition(".")[0], field)


def _describe_refusal(error: RefusedError, call: Call) -> Problem:
    if error.field in KEYS:
        found = call.error(KEY_HEADER, "idempotency_key_reused", error.message)
        return Problem(
            status.HTTP_422_UNPROCESSABLE_ENTITY, "idempotency_key_reused", error.message, (found,)
        )
    if error.field == IF_MATCH:
        return Problem(status.HTTP_412_PRECONDITION_FAILED, "precondition_failed", error.message)
    code = CHANGED_SINCE.get(error.field, "refused")
    path = call.place_of(error.field)
    errors = (call.error(path, code, error.message),) if error.field else ()
    if code != "refused":
        return Problem(status.HTTP_409_CONFLICT, code, error.message, errors)
    if call.is_read:
        return Problem(status.HTTP_400_BAD_REQUEST, "invalid_request", error.message, errors)
    return Problem(status.HTTP_422_UNPROCESSABLE_ENTITY, code, error.message, errors)


def _describe_missing(error: MissingInformationError, call: Call) -> Problem:
    code = "missing_information"
    fields = {field.name for field in error.demands.fields}
    errors = [
        {**call.error(f"required_{'fields' if name in fields else 'texts'}", code, text), "name": name}
        for name, text in error.by_name.items()
    ]
    return Problem(status.HTTP_422_UNPROCESSABLE_ENTITY, code, error.message, errors)


def _describe_forbidden(error: ForbiddenError, _call: Call) -> Problem:
    return Problem(status.HTTP_403_FORBIDDEN, "forbidden", error.verdict.reason)


def _describe_absence(_error: Exception, _call: Call) -> Problem:
    return Problem(
        status.HTTP_404_NOT_FOUND, "not_found", _("There is nothing here, or nothing that you may see.")
    )


def _describe_changed_effects(error: EffectsChangedError, call: Call) -> Problem:
    detail, code = str(error), "effects_changed"
    more = {"effects": EffectsOut(error.effects).data, "effects_hash": error.effects_hash}
    errors = (call.error(call.place_of("effects_hash"), code, detail),)
    return Problem(status.HTTP_409_CONFLICT, code, detail, errors, more)


def _describe_changed_policy(error: PolicyChangedError, call: Call) -> Problem:
    detail, code = str(error), "policy_changed"
    errors = (call.error("policy_hash", code, detail),)
    return Problem(status.HTTP_409_CONFLICT, code, detail, errors)


def _describe_change(error: ChangedError, call: Call) -> Problem:
    errors = (call.error(error.member, error.code, error.detail),)
    return Problem(status.HTTP_409_CONFLICT, error.code, error.detail, errors, error.more)


def _describe_precondition(error: PreconditionError, _call: Call) -> Problem:
    if error.is_missing:
        detail = _(
            "Send If-Match with the ETag that you read, so that you overwrite nothing that you have not seen."
        )
        return Problem(status.HTTP_428_PRECONDITION_REQUIRED, "precondition_required", detail)
    detail = _("It was changed since you read it. Read it again, then send your change.")
    return Problem(status.HTTP_412_PRECONDITION_FAILED, "precondition_failed", detail)


def _describe_transition(error: IllegalTransitionError, _call: Call) -> Problem:
    detail = _("This is %(state)s by now, so nothing was changed. Read it again to see what you can do.")
    words = {"state": error.origin.replace("_", " ")}
    return Problem(status.HTTP_409_CONFLICT, "illegal_state", detail % words)


_PROBLEMS: dict[type[Exception], Callable[[Any, Call], Problem]] = {
    MissingInformationError: _describe_missing,
    RefusedError: _describe_refusal,
    ForbiddenError: _describe_forbidden,
    NotFoundError: _describe_absence,
    EffectsChangedError: _describe_changed_effects,
    PolicyChangedError: _describe_changed_policy,
    IllegalTransitionError: _describe_transition,
    ChangedError: _describe_change,
    PreconditionError: _describe_precondition,
}
_CODES = {"permission_denied": "forbidden", "authentication_failed": "not_authenticated"}


def _framework_problem(error: Exception, response: Response, call: Call) -> Problem:
    if isinstance(error, ValidationError):
        errors = [call.error(path, code, detail) for path, code, detail in _walk(error.detail)]
        return Problem(response.status_code, "invalid_request", errors[0]["detail"], errors)
    if isinstance(error, Throttled):
        detail = _("You sent too many requests. Try again in %(seconds)s s.")
        return Problem(response.status_code, "throttled", detail % {"seconds": response["Retry-After"]})
    if not isinstance(error, APIException):
        kind = _describe_absence(error, call) if response.status_code == status.HTTP_404_NOT_FOUND else None
        return kind or Problem(response.status_code, "forbidden", str(response.data.get("detail", "")))
    code = getattr(error.detail, "code", "error")
    return Problem(response.status_code, _CODES.get(code, code), str(error.detail))


def _walk(detail: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Each complaint, with the dotted path of its input and its code."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from _walk(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_nested = isinstance(inner, Mapping | list)
            yield from _walk(inner, f"{path}.{number}" if is_nested and path else path)
    else:
        yield path, getattr(detail, "code", "invalid"), str(detail)
