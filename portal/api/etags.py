"""ETag and If-Match of documents that people edit."""

import hashlib
import json
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.problems import PreconditionError

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The `ETag` of the version that you read. If it has changed since, nothing is done.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description="Names this version: send it as `If-Match`.",
)


def etag_of(document: Any) -> str:
    """The same for the same document."""
    said = json.dumps(json.loads(JSONRenderer().render(document)), sort_keys=True)
    return quote_etag(hashlib.sha256(said.encode()).hexdigest()[:32])


def quote_etag(digest: str) -> str:
    return f'"{digest}"'


def check_match(request: Request, etag: str) -> None:
    """PreconditionError unless the caller read this version. Compression marks an ETag as weak; it names the same version."""
    sent = request.headers.get("If-Match")
    if sent is None:
        raise PreconditionError(is_missing=True)
    if etag not in {one.strip().removeprefix("W/") for one in sent.split(",")}:
        raise PreconditionError(is_missing=False)


def document_answer(document: Any) -> Response:
    return Response(document, headers={"ETag": etag_of(document)})
