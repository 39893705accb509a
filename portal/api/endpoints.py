"""Endpoints that read one row or act on it, made from what reads it and from the verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from identity.people.models import Person
from portal.api.openapi import documented
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

Endpoint = Callable[..., Response]
RETRY_AFTER = {"Retry-After": "5"}


Context = Callable[[Request, Any], Mapping[str, Any]]


def get_time_context(request: Request, _row: Any) -> Mapping[str, Any]:
    """For shapes that compare with the time."""
    return {"now": get_request_time(request)}


@dataclass(frozen=True)
class Endpoints:
    """Of the rows that `shape` shows. `load` finds one for a person by the id in the address and raises NotFoundError;
    `argument` is what the verbs call the id.
    """

    shape: type[serializers.Serializer[Any]]
    load: Callable[[Person, Any], Any]
    argument: str = ""
    context: Context = lambda _request, _row: {}
    retries: bool = False
    """Whether a 202 says when to read again."""

    def answer(self, request: Request, key: Any, status: int = HTTPStatus.OK) -> Response:
        """The row as it is now."""
        row = self.load(get_signed_in_person(request), key)
        context = {"request": request, **self.context(request, row)}
        headers = RETRY_AFTER if self.retries and status == HTTPStatus.ACCEPTED else {}
        return Response(self.shape(row, context=context).data, status, headers=headers)

    def read(self, name: str, summary: str, **described: Any) -> Endpoint:
        """The `get` of a view. `described` is for `documented`."""

        @documented(name, summary, self.shape, **described)
        def get(_view: Any, request: Request, **ids: Any) -> Response:
            (key,) = ids.values()
            return self.answer(request, key)

        return get

    def act(
        self,
        name: str,
        summary: str,
        verb: Callable[..., Any],
        *,
        takes: type[StrictSerializer] = EmptyIn,
        names: Mapping[str, str] | None = None,
        defaults: Mapping[str, Any] | None = None,
        status: int = HTTPStatus.OK,
        follows: bool = False,
        **described: Any,
    ) -> Endpoint:
        """The `post` of a view: reads `takes`, calls the verb with its members, and answers with the row. `names` are the
        verb's names of members, `defaults` the members that may be left out; `follows` answers with the row that the verb
        returns.
        """
        arguments, optional = names or {}, defaults or {}

        @documented(name, summary, self.shape, takes=takes, status=status, **described)
        def post(_view: Any, request: Request, **ids: Any) -> Response:
            (key,) = ids.values()
            said = {**optional, **read_body(takes, request)}
            done = verb(
                acting_user=get_signed_in_person(request),
                now=get_request_time(request),
                **{self.argument: key},
                **{arguments.get(member, member): value for member, value in said.items()},
            )
            return self.answer(request, done.pk if follows else key, status)

        return post
