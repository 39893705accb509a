"""Forbids browsers and proxies to cache pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
