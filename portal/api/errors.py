"""One place where typed refusals become HTTP answers: `{"code", "message", "field"}`, never a stack trace."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from identity.errors import ForbiddenError, NotFoundError, RefusedError
from identity.errors import NotFoundError as NotInCatalogError
from portal.api.serializers import EffectsOut
from requests_app.errors import EffectsChangedError, MissingInformationError, PolicyChangedError
from requests_app.state_transitions import IllegalTransitionError


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a raised error; None, which is a 500, for what nobody expected."""
    for kind, worded in _ANSWERS.items():
        if isinstance(error, kind):
            return worded(error)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _reworded(error, response)
    return response


def _body(code: str, message: str, field: str = "", **more: Any) -> dict[str, Any]:
    return {"code": code, "message": message, "field": field, **more}


def _refused(error: RefusedError) -> Response:
    return Response(_body("refused", error.message, error.field), status.HTTP_400_BAD_REQUEST)


def _unanswered(error: MissingInformationError) -> Response:
    body = _body("unanswered", error.message, error.field, missing=error.by_name)
    return Response(body, status.HTTP_400_BAD_REQUEST)


def _forbidden(error: ForbiddenError) -> Response:
    return Response(_body("forbidden", error.verdict.reason), status.HTTP_403_FORBIDDEN)


def _absent(_error: Exception) -> Response:
    return Response(_body("not_found", "There is nothing here."), status.HTTP_404_NOT_FOUND)


def _changed(error: EffectsChangedError) -> Response:
    changed = {"effects": EffectsOut(error.effects).data, "effects_hash": error.effects_hash}
    return Response(_body("effects_changed", str(error), "effects_hash", **changed), status.HTTP_409_CONFLICT)


def _changed_rules(error: PolicyChangedError) -> Response:
    return Response(_body("rules_changed", str(error), "rules_hash"), status.HTTP_409_CONFLICT)


def _illegal(error: IllegalTransitionError) -> Response:
    message = f"This is {error.origin} by now; nothing was changed."
    return Response(_body("illegal_move", message), status.HTTP_409_CONFLICT)


_ANSWERS: dict[type[Exception], Callable[[Any], Response]] = {
    MissingInformationError: _unanswered,
    RefusedError: _refused,
    ForbiddenError: _forbidden,
    NotFoundError: _absent,
    NotInCatalogError: _absent,
    EffectsChangedError: _changed,
    PolicyChangedError: _changed_rules,
    IllegalTransitionError: _illegal,
}


def _reworded(error: Exception, response: Response) -> dict[str, Any]:
    """The framework's own errors in our shape: the first complaint with the path of its input."""
    if isinstance(error, ValidationError):
        field, message = _first(error.detail)
        return _body("invalid", message, field)
    if isinstance(error, Throttled):
        words = _("You sent too many requests. Try again in %(seconds)s s.")
        return _body("throttled", words % {"seconds": response["Retry-After"]})
    detail = response.data.get("detail", "") if isinstance(response.data, Mapping) else ""
    return _body(getattr(detail, "code", "error"), str(detail))


def _first(detail: Any, path: str = "") -> tuple[str, str]:
    if isinstance(detail, Mapping):
        name, inner = next((pair for pair in detail.items() if pair[1]), ("", ""))
        own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
        return _first(inner, ".".join(part for part in (path, own) if part))
    if isinstance(detail, list):
        place = next((number for number, inner in enumerate(detail) if inner), 0)
        nested = isinstance(detail[place], Mapping | list)
        return _first(detail[place], f"{path}.{place}" if nested and path else path)
    return path, str(detail)
