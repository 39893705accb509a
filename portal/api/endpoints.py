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
from portal.api.etags import check_match, quote_etag
from portal.api.filters import ListFilters
from portal.api.idempotency import key_of
from portal.api.openapi import LIST, documented, listed, sort_by
from portal.api.pagination import NEWEST, Rows, Shape, answer_list
from portal.api.serializers import EmptyIn, StrictSerializer, read_body
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

Endpoint = Callable[..., Any]
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
        rows: Any = list_rows(person, **ids)
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
    """The endpoints of the rows that `shape` shows. `load` finds one for a person by what the address names and raises NotFoundError. Verbs
    take the id under the name `argument`; without one, they take what the address names under its names there.
    """

    shape: type[serializers.Serializer[Any]]
    load: Callable[..., Any] = lambda _person: None
    argument: str = ""
    context: Context = lambda _request, _row: {}
    retries: int = 0
    """After how many seconds a 202 says to read again; 0 says nothing."""
    digest: Callable[[Any], str] | None = None
    """Of a row that people edit: its version, which answers have as their ETag."""

    def show(self, request: Request, row: Any, status: int = HTTPStatus.OK) -> Response:
        context = {"request": request, **self.context(request, row)}
        headers = {"Retry-After": str(self.retries)} if self.retries and status == HTTPStatus.ACCEPTED else {}
        if self.digest:
            headers["ETag"] = quote_etag(self.digest(row))
        return Response(self.shape(row, context=context).data, status, headers=headers)

    def answer(self, request: Request, key: Any, status: int = HTTPStatus.OK) -> Response:
        """The row as it is now."""
        return self.show(request, self.load(get_signed_in_person(request), key), status)

    def read(self, name: str, summary: str, **described: Any) -> Endpoint:
        """The `get` of a view. `described` is for `documented`."""

        @documented(name, summary, self.shape, **described)
        def get(_view: Any, request: Request, **ids: Any) -> Response:
            return self.show(request, self.load(get_signed_in_person(request), *ids.values()))

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
        build: Callable[..., Mapping[str, Any]] | None = None,
        status: int = HTTPStatus.OK,
        follows: bool = False,
        shows_result: bool = False,
        is_keyed: bool = False,
        matches: str = "",
        **described: Any,
    ) -> Endpoint:
        """The `post` or `patch` of a view: reads `takes`, calls the verb with its members, and answers with the row. `names`
        are the verb's names of members, `defaults` the members that may be left out. `build` makes the verb's arguments
        instead, of the person, what was sent and what the address names. `follows` answers with the row of the id that the
        verb returns, `shows_result` with what it returns. `is_keyed` hands the Idempotency-Key on. `matches` is what the
        verb calls the version that the caller read: it comes as `If-Match`.
        """
        arguments, optional = names or {}, defaults or {}
        places = {argument: member for member, argument in arguments.items()}

        @documented(name, summary, self.shape, takes=takes, status=status, **described)
        def post(view: Any, request: Request, **ids: Any) -> Response:
            view.members = {**places, **getattr(view, "members", {})}
            person, given = get_signed_in_person(request), dict[str, Any]()
            if matches and self.digest:
                given[matches] = self.digest(self.load(person, *ids.values()))
                check_match(request, quote_etag(given[matches]))
            said = {**optional, **read_body(takes, request)}
            if build:
                given |= build(person, said, *ids.values())
            else:
                given |= {arguments.get(member, member): value for member, value in said.items()}
            if is_keyed:
                given["idempotency_key"] = key_of(request)
            now = get_request_time(request)
            done = verb(acting_user=person, now=now, **self._name_ids(ids, is_built=bool(build)), **given)
            if shows_result:
                return self.show(request, done, status)
            return self.show(request, self.load(person, *([done.pk] if follows else ids.values())), status)

        return post

    def create(self, name: str, summary: str, verb: Callable[..., Any], **described: Any) -> Endpoint:
        """As `act`, for a verb that returns the row that it made."""
        if not described.get("shows_result"):
            described["follows"] = True
        return self.act(name, summary, verb, **{"status": HTTPStatus.CREATED, **described})

    def remove(
        self,
        name: str,
        summary: str,
        verb: Callable[..., Any],
        *,
        build: Callable[..., Mapping[str, Any]] | None = None,
        **described: Any,
    ) -> Endpoint:
        """The `delete` of a view. The row is looked up first, so that one that is hidden is not found."""

        @documented(name, summary, {int(HTTPStatus.NO_CONTENT): None}, **described)
        def delete(_view: Any, request: Request, **ids: Any) -> Response:
            person = get_signed_in_person(request)
            self.load(person, *ids.values())
            given = build(person, {}, *ids.values()) if build else {}
            now = get_request_time(request)
            verb(acting_user=person, now=now, **self._name_ids(ids, is_built=bool(build)), **given)
            return Response(status=HTTPStatus.NO_CONTENT)

        return delete

    def _name_ids(self, ids: Mapping[str, Any], *, is_built: bool) -> Mapping[str, Any]:
        if self.argument:
            return dict.fromkeys([self.argument] if ids else [], *ids.values())
        return {} if is_built else ids
