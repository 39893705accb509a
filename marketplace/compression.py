"""Compresses what is read: pages, answers of the API, exports, and static files that have no compressed copy."""

from contextlib import closing
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSED_TYPES = ("font/woff2", "image/png", "application/gzip")
"""Media types that gzip makes no smaller."""
UNCHANGED_STATUSES = (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT)
"""Of parts of a file, whose bytes were counted, and of answers without a body."""
LARGEST_WHOLE_FILE = 4_000_000
"""Bytes of a file that is compressed in memory."""


class CompressionMiddleware(GZipMiddleware):
    """Django's own, which adds random bytes to each answer so that its length tells nothing of what is in it.

    Answers to POST stay as they are: only these show secrets, such as a new token, beside what somebody else may have chosen. In
    pages the one secret is the CSRF token, which Django masks anew for each page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.get("Content-Type", "").partition(";")[0]
        if (
            request.method not in ("GET", "HEAD")
            or response.status_code in UNCHANGED_STATUSES
            or media_type in COMPRESSED_TYPES
            or response.has_header("Content-Encoding")
        ):
            return response
        if response.streaming and 0 < int(response.get("Content-Length", "0")) <= LARGEST_WHOLE_FILE:
            # The compressed length of a whole file can be told, so that the connection stays open.
            with closing(response):
                response = HttpResponse(
                    b"".join(response), status=response.status_code, headers=response.headers
                )
        answer = super().process_response(request, response)
        if answer.get("Content-Encoding") == "gzip" and "Last-Modified" in answer:
            del answer["ETag"]  # WhiteNoise would not know the weak one again; it knows the time
        return answer
