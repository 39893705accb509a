"""Lists: pages by key under a signed cursor, their filters and order, and the same rows as CSV or NDJSON."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from identity.people.models import Person
from kernel.queries import limit_rows
from portal.api.exports import FORMATS, stream_rows
from portal.pages.list_scope import ALL, MINE, get_default_scope

MOST = 100
USUAL = 25
SALT = "api-cursor"
NEWEST, OLDEST = ("-pk",), ("pk",)
NOT_IN_CURSOR = frozenset({"cursor", "limit", "fields"})
Row = TypeVar("Row")
Rows = QuerySet[Any] | Sequence[Any]
Shape = type[serializers.Serializer[Any]]
Context = Callable[[list[Any]], Mapping[str, Any]]
NO_CONTEXT: Context = lambda _rows: {}  # noqa: E731


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`next` and `previous` are cursors, or None at the ends."""

    rows: list[Row]
    next: str | None
    previous: str | None


def read_limit(request: Request) -> int:
    field = serializers.IntegerField(min_value=1, max_value=MOST)
    try:
        return int(field.run_validation(request.query_params.get("limit", USUAL)))
    except ValidationError as error:
        raise ValidationError({"limit": error.detail}) from error


def asks_for_all(request: Request, person: Person) -> bool:
    """Whether a list is to hold all that the person may see, and not only their own: `whose`. ValidationError."""
    said = request.query_params.get("whose", get_default_scope(person))
    if said not in {MINE, ALL}:
        raise ValidationError({"whose": _("Say mine or all.")})
    return said == ALL


def answer_list(
    request: Request,
    rows: Rows,
    shape: Shape,
    *,
    order: tuple[str, ...] = NEWEST,
    sorts: Mapping[str, str] | None = None,
    context: Context = NO_CONTEXT,
    wrap: Callable[[list[Any]], list[Any]] = list,
) -> Any:
    """One page of `rows` as `shape`, or all of them as a file. `wrap` makes of the rows of a page what `shape` takes."""
    order = read_order(request, sorts or {}, order)

    def shown(found: list[Any]) -> list[Any]:
        extra = {"request": request, **context(found)}
        return list(shape(wrap(found), many=True, context=extra).data)

    if (kind := read_format(request)) != "json":
        return stream_rows(rows.order_by(*order) if isinstance(rows, QuerySet) else rows, shown, kind)
    page = paginate(request, rows, order) if isinstance(rows, QuerySet) else paginate_sequence(request, rows)
    return answer_page(request, pick_fields(request, shown(page.rows)), page)


def answer_page(request: Request, results: list[Any], page: Page[Any], **more: Any) -> Response:
    """With the addresses of the pages beside it, in the body and as RFC 8288 links."""
    links = {
        name: link_to(request, cursor) for name, cursor in (("next", page.next), ("previous", page.previous))
    }
    headers = {}
    if any(links.values()):
        rels = (("next", "next"), ("previous", "prev"))
        headers["Link"] = ", ".join(f'<{links[name]}>; rel="{rel}"' for name, rel in rels if links[name])
    return Response({"results": results, **links, **more}, headers=headers)


def link_to(request: Request, cursor: str | None) -> str | None:
    """This address with another cursor."""
    if cursor is None:
        return None
    query = [pair for pair in _pairs(request) if pair[0] != "cursor"]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*query, ('cursor', cursor)])}")


def page_of(shape: Shape) -> Shape:
    """The shape of a page of `shape`, for the documentation."""
    name = f"{shape.__name__.removesuffix('Out')}ListOut"
    where = serializers.URLField(allow_null=True)
    fields = {"results": shape(many=True), "next": where, "previous": serializers.URLField(allow_null=True)}
    return type(name, (serializers.Serializer,), {"__doc__": "One page of a list.", **fields})


def read_format(request: Request, formats: Mapping[str, str] = FORMATS) -> str:
    """`format`, else what Accept names. `formats` are media types by name, besides JSON. ValidationError."""
    said = request.query_params.get("format")
    if said is None:
        accepted = request.headers.get("Accept", "")
        return next((kind for kind, media in formats.items() if media in accepted), "json")
    if said not in {"json", *formats}:
        words = {"formats": ", ".join(("json", *formats))}
        raise ValidationError({"format": _("Use one of these: %(formats)s.") % words})
    return said


def read_order(request: Request, sorts: Mapping[str, str], usual: tuple[str, ...]) -> tuple[str, ...]:
    """`sort` as names of columns; the id breaks ties. ValidationError for a member that is not among `sorts`."""
    if "sort" not in request.query_params or not sorts:
        return usual
    named = [name for name in request.query_params["sort"].split(",") if name]
    if unknown := [name for name in named if name.removeprefix("-") not in sorts]:
        words = {"name": unknown[0], "names": ", ".join(sorted(sorts))}
        raise ValidationError({"sort": _("You can't sort by %(name)s. Sort by: %(names)s.") % words})
    order = [f"{'-' * name.startswith('-')}{sorts[name.removeprefix('-')]}" for name in named]
    return (*order, *([] if {"pk", "-pk"} & set(order) else ["pk"]))


def paginate(request: Request, rows: QuerySet[Any], order: tuple[str, ...]) -> Page[Any]:
    """By the values of the last row: rows that come or go meanwhile shift nothing."""
    limit, place = read_limit(request), _open_cursor(request)
    is_back = bool(place and place["back"])
    by = tuple(_reverse(name) for name in order) if is_back else order
    if place:
        rows = rows.filter(_beyond(by, place["at"]))
    found = list(limit_rows(rows.order_by(*by), limit + 1))
    has_more, found = len(found) > limit, found[:limit]
    if is_back:
        found.reverse()
    has_next, has_previous = (bool(found), has_more) if is_back else (has_more, bool(place))
    return Page(
        found,
        _sign(request, _values(found[-1], order), back=False) if found and has_next else None,
        _sign(request, _values(found[0], order), back=True) if found and has_previous else None,
    )


def paginate_sequence(request: Request, rows: Sequence[Any]) -> Page[Any]:
    """Pages a list that is read whole, by position."""
    limit, place = read_limit(request), _open_cursor(request)
    at = place["at"][0] if place else 0
    return Page(
        list(rows[at : at + limit]),
        _sign(request, [at + limit], back=False) if at + limit < len(rows) else None,
        _sign(request, [max(0, at - limit)], back=True) if at else None,
    )


def _beyond(order: tuple[str, ...], at: Sequence[Any]) -> Q:
    """Rows that come after one with these values."""
    found = Q(pk__in=())
    for number, name in enumerate(order):
        field, is_down = name.removeprefix("-"), name.startswith("-")
        same = {one.removeprefix("-"): value for one, value in zip(order[:number], at, strict=False)}
        found |= Q(**same, **{f"{field}__{'lt' if is_down else 'gt'}": at[number]})
    return found


def _values(row: Model, order: tuple[str, ...]) -> list[Any]:
    found = []
    for name in order:
        value: Any = row
        for step in name.removeprefix("-").split("__"):
            value = getattr(value, step)
        found.append(value.isoformat() if isinstance(value, datetime) else value)
    return found


def _reverse(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _sign(request: Request, at: list[Any], *, back: bool) -> str:
    return signing.dumps({"of": _mark(request), "at": at, "back": back}, salt=SALT, compress=True)


def _open_cursor(request: Request) -> dict[str, Any] | None:
    """ValidationError for a cursor of another list, or none of ours."""
    cursor = request.query_params.get("cursor", "")
    if not cursor:
        return None
    try:
        found: dict[str, Any] = signing.loads(cursor, salt=SALT)
    except signing.BadSignature as error:
        words = _("This is not a cursor of this list. Follow the `next` address of a page.")
        raise ValidationError({"cursor": words}) from error
    if found["of"] != _mark(request):
        words = _("This cursor belongs to another list, filter or order. Begin again without it.")
        raise ValidationError({"cursor": words})
    return found


def _mark(request: Request) -> str:
    said = urlencode(sorted(pair for pair in _pairs(request) if pair[0] not in NOT_IN_CURSOR))
    return hashlib.sha256(f"{request.user.pk} {request.path}?{said}".encode()).hexdigest()[:16]


def _pairs(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.query_params.lists() for value in values]


def pick_fields(request: Request, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As `fields=id,state,target.name` says. ValidationError for a member that no result has."""
    if "fields" not in request.query_params:
        return results
    paths = [path for path in request.query_params["fields"].split(",") if path]
    if not results:
        return results
    if unknown := [path for path in paths if path.partition(".")[0] not in results[0]]:
        words = {"name": unknown[0], "names": ", ".join(results[0])}
        raise ValidationError({"fields": _("There is no member %(name)s. There are: %(names)s.") % words})
    return [_pick(result, paths) for result in results]


def _pick(value: Any, paths: Iterable[str]) -> Any:
    if isinstance(value, list):
        return [_pick(one, paths) for one in value]
    if not isinstance(value, dict):
        return value
    inner: dict[str, list[str]] = {}
    for path in paths:
        first, _dot, rest = path.partition(".")
        inner.setdefault(first, []).extend([rest] if rest else [])
    return {
        name: _pick(value[name], rest) if rest else value[name]
        for name, rest in inner.items()
        if name in value
    }
