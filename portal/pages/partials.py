"""Pages and their htmx fragments, from one template; polling intervals; 204 for unchanged fragments."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from requests_app.display_states.vocabulary import DisplayState


def get_poll_interval(states: Iterable[DisplayState]) -> str:
    """Htmx polling interval of a list: "1s" while workers change something on it, else empty.
    Empty means that the list is not polled.
    """
    return "1s" if any(state.is_changing for state in states) else ""


def get_request_poll_interval(states: Iterable[DisplayState]) -> str:
    """Like `get_poll_interval`, but "5s" until every state is final, because other people may act."""
    found = list(states)
    return get_poll_interval(found) or ("" if all(state.is_final for state in found) else "5s")


NO_CONTENT = 204


def is_fragment_request(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def render_page_or_fragment(
    request: HttpRequest, template: str, part: str, context: dict[str, Any]
) -> HttpResponse:
    fragment = is_fragment_request(request)
    response = render(request, f"{template}#{part}" if fragment else template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def is_unchanged(request: HttpRequest, mark: str) -> bool:
    """Whether the polling fragment already shows this content."""
    return is_fragment_request(request) and request.GET.get("seen") == mark


def render_polled_page(
    request: HttpRequest,
    template: str,
    part: str,
    context: dict[str, Any],
    *,
    content: object,
    should_poll: bool,
) -> HttpResponse:
    """A page with a polling fragment. `poll_url` is empty unless `should_poll`. htmx receives
    the fragment, or 204 if `content` is unchanged.
    """
    mark, query = compute_content_hash(content), request.GET.copy()
    if is_unchanged(request, mark):
        return HttpResponse(status=NO_CONTENT)
    query["seen"] = mark
    context["poll_url"] = f"{request.path}?{query.urlencode()}" if should_poll else ""
    return render_page_or_fragment(request, template, part, context)


def compute_content_hash(*values: object) -> str:
    """Hash of the displayed content, to answer polls for unchanged fragments with 204."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
