"""Page and fragment are one template: htmx asks for a named part of it; when it asks again, and when nothing has changed."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from requests_app.display_states.vocabulary import DisplayState


def pause_of(states: Iterable[DisplayState]) -> str:
    """How long a list waits before it asks for itself again: a second while the workers change something on it, else it
    does not.
    """
    return "1s" if any(state.is_moving for state in states) else ""


def pause_of_one(states: Iterable[DisplayState]) -> str:
    """The same of the page of one request, which also follows what other people do, until all of it is over."""
    found = list(states)
    return pause_of(found) or ("" if all(state.is_over for state in found) else "5s")


NO_CONTENT = 204


def wants_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def page_or_fragment(request: HttpRequest, template: str, part: str, context: dict[str, Any]) -> HttpResponse:
    fragment = wants_fragment(request)
    response = render(request, f"{template}#{part}" if fragment else template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def unchanged(request: HttpRequest, mark: str) -> bool:
    """Whether a polling fragment already shows what it would be sent."""
    return wants_fragment(request) and request.GET.get("seen") == mark


def polled(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], *, shown: object, is_moving: bool
) -> HttpResponse:
    """A page whose part asks again while something in it moves: `poll` is its address then, and empty otherwise. To
    htmx the part alone, or nothing while `shown` is what it shows already.
    """
    mark, query = mark_of(shown), request.GET.copy()
    if unchanged(request, mark):
        return HttpResponse(status=NO_CONTENT)
    query["seen"] = mark
    context["poll"] = f"{request.path}?{query.urlencode()}" if is_moving else ""
    return page_or_fragment(request, template, part, context)


def mark_of(*values: object) -> str:
    """A short mark of what is shown, so that an unchanged fragment is answered without one."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
