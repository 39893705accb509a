"""`fields`: only some members of each result."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def pick_fields(request: Request, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As `fields=id,state,target.name` says. ValidationError for a member that no result has."""
    if "fields" not in request.query_params:
        return results
    paths = [path for path in request.query_params["fields"].split(",") if path]
    if not results:
        return results
    if unknown := [path for path in paths if path.partition(".")[0] not in results[0]]:
        words = {"name": unknown[0], "names": ", ".join(results[0])}
        raise ValidationError({"fields": _("There is no member %(name)s. There are: %(names)s.") % words})
    return [_pick(one, paths) for one in results]


def _pick(value: Any, paths: Iterable[str]) -> Any:
    if isinstance(value, list):
        return [_pick(one, paths) for one in value]
    if not isinstance(value, dict):
        return value
    inner: dict[str, list[str]] = {}
    for path in paths:
        first, _dot, rest = path.partition(".")
        inner.setdefault(first, []).extend([rest] if rest else [])
    return {
        name: _pick(value[name], rest) if rest else value[name]
        for name, rest in inner.items()
        if name in value
    }
