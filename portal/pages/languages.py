"""The language of a page: what its reader chose, else what their browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from identity.people.models import Person

ENGLISH_PATHS = ("/api/", "/healthz", "/metrics", "/admin/")
"""Read by programs, or written in terms of models and fields: not translated."""


class LanguageMiddleware:
    """Activates the language for the request and names it in the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ENGLISH_PATHS):
            with translation.override(settings.LANGUAGE_CODE):
                return self.get_response(request)
        language = find_language(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def find_language(request: HttpRequest) -> str:
    """One of LANGUAGES. A choice that is no longer offered counts as none."""
    person = request.user
    if isinstance(person, Person) and person.language in dict(settings.LANGUAGES):
        return person.language
    return translation.get_language_from_request(request)
