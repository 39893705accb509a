"""`Idempotency-Key`: a call sent again under its key is answered as the first time, and nothing is done twice."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from audit import clock
from portal.pages.signed_in import person_of
from requests_app.idempotency import KEY_HEADER, begin_call, release_key, store_answer

Endpoint = Callable[..., Response]
KEY = OpenApiParameter(
    KEY_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A key of yours, of 64 characters at most: sent again under it, the call is answered as the first time"
    " and does nothing more. It is known for seven days.",
)


def once_a_key(endpoint: Endpoint) -> Endpoint:
    """An unsafe method of a view that heeds the header; without one it is called as it is."""

    @wraps(endpoint)
    def called(view: Any, request: Request, *arguments: Any, **named: Any) -> Response:
        key = request.headers.get(KEY_HEADER)
        if key is None:
            return endpoint(view, request, *arguments, **named)
        person = person_of(request)
        first, is_to_be_made = begin_call(person=person, key=key, call=_call(request), now=clock.now())
        if not is_to_be_made:
            return Response(first.body, first.status)
        answer: Response | None = None
        try:
            answer = endpoint(view, request, *arguments, **named)
        finally:
            if answer is None:
                release_key(first)
        store_answer(first, status=answer.status_code, body=json.loads(JSONRenderer().render(answer.data)))
        return answer

    return called


def _call(request: Request) -> str:
    said = json.dumps([request.method, request.path, request.data], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()
