"""Endpoints that read one row or act on it, made from what reads it and from the verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from identity.people.models import Person
from portal.api.filters import ListFilters
from portal.api.idempotency import key_of
from portal.api.openapi import LIST, documented, listed, sort_by
from portal.api.pagination import NEWEST, Rows, Shape, answer_list
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

Endpoint = Callable[..., Any]
RETRY_AFTER = {"Retry-After": "5"}


Context = Callable[[Request, Any], Mapping[str, Any]]


def get_time_context(request: Request, _row: Any) -> Mapping[str, Any]:
    """For shapes that compare with the time."""
    return {"now": get_request_time(request)}


def rows_endpoint(
    name: str,
    summary: str,
    shape: Shape,
    list_rows: Callable[..., Rows],
    *,
    filters: type[ListFilters] | None = None,
    sorts: Mapping[str, str] | None = None,
    order: tuple[str, ...] = NEWEST,
    context: Context = lambda _request, _rows: {},
    wrap: Callable[[Person, list[Any]], list[Any]] = lambda _person, rows: rows,
    **described: Any,
) -> Endpoint:
    """The `get` of a view of rows that no declared list shows. `list_rows` takes the person and what the address names;
    `wrap` makes of the rows of a page what `shape` takes.
    """

    @documented(
        name,
        summary,
        listed(shape),
        parameters=(*LIST, *([sort_by(sorts)] if sorts else []), *([filters] if filters else [])),
        **described,
    )
    def get(_view: Any, request: Request, **ids: Any) -> Any:
        person = get_signed_in_person(request)
        rows = list_rows(person, **ids)
        return answer_list(
            request,
            filters.apply(rows, request.query_params) if filters else rows,
            shape,
            order=order,
            sorts=sorts,
            context=partial(context, request),
            wrap=partial(wrap, person),
        )

    return get


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
        build: Callable[[Person, dict[str, Any]], Mapping[str, Any]] | None = None,
        status: int = HTTPStatus.OK,
        follows: bool = False,
        is_keyed: bool = False,
        **described: Any,
    ) -> Endpoint:
        """The `post` or `patch` of a view: reads `takes`, calls the verb with its members, and answers with the row. `names`
        are the verb's names of members, `defaults` the members that may be left out; `build` makes the verb's arguments of
        what was sent instead. `follows` answers with the row that the verb returns. `is_keyed` hands the Idempotency-Key on.
        """
        arguments, optional = names or {}, defaults or {}
        places = {argument: member for member, argument in arguments.items()}

        @documented(name, summary, self.shape, takes=takes, status=status, **described)
        def post(view: Any, request: Request, **ids: Any) -> Response:
            view.members = {**places, **getattr(view, "members", {})}
            person = get_signed_in_person(request)
            said = {**optional, **read_body(takes, request)}
            given = (
                build(person, said)
                if build
                else {arguments.get(member, member): value for member, value in said.items()}
            )
            done = verb(
                acting_user=person,
                now=get_request_time(request),
                **dict.fromkeys([self.argument] if ids else [], *ids.values()),
                **({"idempotency_key": key_of(request)} if is_keyed else {}),
                **given,
            )
            return self.answer(request, done.pk if follows else next(iter(ids.values())), status)

        return post

    def create(self, name: str, summary: str, verb: Callable[..., Any], **described: Any) -> Endpoint:
        """As `act`, for a verb that returns the row that it made."""
        return self.act(name, summary, verb, status=HTTPStatus.CREATED, follows=True, **described)

    def remove(self, name: str, summary: str, verb: Callable[..., Any], **described: Any) -> Endpoint:
        """The `delete` of a view. The row is looked up first, so that one that is hidden is not found."""

        @documented(name, summary, {int(HTTPStatus.NO_CONTENT): None}, **described)
        def delete(_view: Any, request: Request, **ids: Any) -> Response:
            person = get_signed_in_person(request)
            (key,) = ids.values()
            self.load(person, key)
            verb(acting_user=person, now=get_request_time(request), **{self.argument: key})
            return Response(status=HTTPStatus.NO_CONTENT)

        return delete
