"""`Idempotency-Key`: a call sent again under its key is answered as the first time, and nothing is done twice."""

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from identity.people.models import Person
from kernel.errors import IllegalTransitionError
from portal.api.problems import ChangedError
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.idempotency import KEY_HEADER, IdempotentCall, begin_call, release_key, store_response

Endpoint = Callable[..., Response]
KEY = OpenApiParameter(
    KEY_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="Up to 64 characters of your choice. If you send the call again with the same key, you get the first"
    " answer again and nothing is done twice. Keys are kept for 7 days.",
)
WITH_LOCATION = frozenset({201, 202})


def given_key(request: Request) -> str | None:
    """The caller's key, bare or quoted, or None."""
    key = request.headers.get(KEY_HEADER)
    return None if key is None else key.strip().removeprefix('"').removesuffix('"')


def key_of(request: Request) -> str:
    """The caller's key, else a new one: for actions that need a key."""
    return given_key(request) or uuid.uuid4().hex


def once_a_key(endpoint: Endpoint) -> Endpoint:
    """An unsafe method of a view that heeds the header; without one it is called as it is."""

    @wraps(endpoint)
    def called(view: Any, request: Request, *arguments: Any, **named: Any) -> Response:
        key = given_key(request)
        if key is None:
            return _with_location(endpoint(view, request, *arguments, **named))
        person = get_signed_in_person(request)
        first, is_to_be_made = _begin(person, key, request)
        if not is_to_be_made:
            return _with_location(Response(first.body, first.status))
        answer: Response | None = None
        try:
            answer = endpoint(view, request, *arguments, **named)
        finally:
            if answer is None:
                release_key(first)
        store_response(first, status=answer.status_code, body=json.loads(JSONRenderer().render(answer.data)))
        return _with_location(answer)

    return called


def _begin(person: Person, key: str, request: Request) -> tuple[IdempotentCall, bool]:
    """As `begin_call`. ChangedError while the first call is still running."""
    try:
        said = json.dumps([request.method, request.path, request.data], sort_keys=True, default=str)
        return begin_call(
            person=person,
            idempotency_key=key,
            call_digest=hashlib.sha256(said.encode()).hexdigest(),
            now=get_request_time(request),
        )
    except IllegalTransitionError as error:
        detail = _("Your first call with this key is still running. Send it again in a minute.")
        raise ChangedError("call_in_progress", detail, KEY_HEADER) from error


def _with_location(answer: Response) -> Response:
    """What was made, or what is being made, has an address."""
    if answer.status_code in WITH_LOCATION and isinstance(answer.data, dict) and answer.data.get("url"):
        answer.headers.setdefault("Location", answer.data["url"])
    return answer
