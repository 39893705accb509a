"""Refuses requests that are not UTF-8 text."""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
ACCEPTED_ENCODINGS = {"utf-8", "ascii"}


def require_utf8(application: WSGIApplication) -> WSGIApplication:
    """The application, which then sees no request that declares another encoding."""

    def guarded(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if _is_accepted(environ.get("CONTENT_TYPE", "")):
            return application(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain")])
        return [b"Only UTF-8 is read here.\n"]

    return guarded


def _is_accepted(content_type: str) -> bool:
    """Names that no codec has pass: Django ignores them."""
    declared = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    try:
        return codecs.lookup(declared).name in ACCEPTED_ENCODINGS
    except LookupError:
        return True
