"""Reading the body of a call. What is nested beyond any sense, or no text, is the caller's mistake, never ours."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser, JSONParser

from kernel.storable_text import UNSTORABLE_CHARACTERS

UNSTORABLE_ESCAPES = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""In JSON in UTF-8, NUL and lone surrogates are written as escapes; as bytes they are refused."""
UNPACKED_FACTOR = 8
"""How much longer than the longest body one may be when it is unpacked."""


class ShallowJSONParser(JSONParser):
    """JSON whose nesting fits the interpreter's stack, and whose strings are text; ParseError for the rest."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        body = stream.read()
        try:
            found: dict[str, Any] = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        may_hold_them = encoding.lower() != "utf-8" or UNSTORABLE_ESCAPES.search(body)
        if may_hold_them and any(UNSTORABLE_CHARACTERS.search(one) for one in _strings(found)):
            raise ParseError("JSON parse error - NUL and lone surrogates are no text")
        return found


def _strings(found: Any) -> Iterator[str]:
    """Every string in it, names too."""
    left = [found]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one


class GzipJSONParser(ShallowJSONParser):
    """The same, of a body that may be compressed with gzip; it may unpack to eight times the longest body."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        return super().parse(_open_body(stream, parser_context), media_type, parser_context)


class GzipBytesParser(BaseParser):
    """The body of such a call as bytes, for files that others read."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ARG002 - the framework passes it
        return bytes(_open_body(stream, parser_context).read())


def _open_body(stream: Any, parser_context: Any) -> Any:
    encoding = (parser_context or {})["request"].headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return stream
    if encoding != "gzip":
        raise UnsupportedMediaType(encoding, _("Send the body plain, or compressed with gzip."))
    return _unpack(stream.read())


def _unpack(body: bytes) -> BytesIO:
    most = UNPACKED_FACTOR * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = unpacking.decompress(body, most)
    except zlib.error as error:
        raise ParseError(_("The body is not compressed with gzip.")) from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise ParseError(_("The body is too long when unpacked, or incomplete."))
    return BytesIO(found)
