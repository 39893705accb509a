"""Refuses request bodies that are too large or bring files."""

from collections.abc import Callable
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from portal.errors import views


class BodySizeMiddleware:
    """Answers 413 before anything reads the body or asks who sends it.

    The server gives the length of a body in chunks, too; under another server such a body is not read at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise BadRequest
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return views.too_large(request)
        return self.get_response(request)


class FileRefusingUploadHandler(FileUploadHandler):
    """Refuse file uploads: no page takes a file."""

    def new_file(self, *_arguments: object, **_options: object) -> NoReturn:
        raise BadRequest("Meshmarket takes no files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:  # noqa: ARG002 - Django's own
        raise BadRequest

    def file_complete(self, file_size: int) -> None:
        """Nothing was kept."""
