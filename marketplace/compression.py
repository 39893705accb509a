"""Compresses what is read: pages, answers of the API, exports, and static files that have no compressed copy."""

from contextlib import closing
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSED_TYPES = ("font/woff2", "image/png", "application/gzip")
"""Media types that gzip makes no smaller."""
LARGEST_WHOLE_FILE = 4_000_000
"""Bytes of a file that is compressed in memory."""


class CompressionMiddleware(GZipMiddleware):
    """Django's own, which adds random bytes to each answer so that its length tells nothing of what is in it.

    Answers to POST stay as they are: only these show secrets, such as a new token, beside what somebody else may have chosen. In
    pages the one secret is the CSRF token, which Django masks anew for each page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or _is_left_alone(response):
            return response
        answer = super().process_response(request, _read_small_file(response))  # type: ignore[arg-type]
        if answer.get("Content-Encoding") == "gzip" and "Last-Modified" in answer:
            del answer["ETag"]  # WhiteNoise would not know the weak one again; it knows the time
        return answer  # type: ignore[no-any-return]


def _is_left_alone(response: HttpResponseBase) -> bool:
    """A part of a file, whose bytes were counted; what has no body; and what is compressed by its nature."""
    return (
        response.status_code in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT)
        or response.get("Content-Type", "").partition(";")[0] in COMPRESSED_TYPES
    )


def _read_small_file(response: HttpResponseBase) -> HttpResponseBase:
    """The same answer with the whole file in it: its compressed length can then be told, and the connection stays open."""
    length = int(response.get("Content-Length", 0))
    if not response.streaming or not 0 < length <= LARGEST_WHOLE_FILE:
        return response
    with closing(response):
        return HttpResponse(b"".join(response), status=response.status_code, headers=response.headers)  # type: ignore[call-overload]
