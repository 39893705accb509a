"""Lists by key: each page names the id from which the next one goes on, so rows that arrive shift nothing."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from identity.people.models import Person
from portal.pages.list_scope import ALL, MINE, usual_for

MOST = 100
USUAL = 25
Row = TypeVar("Row", bound=Model)


def _place() -> serializers.IntegerField:
    words = gettext_lazy("Send the number that `next` held on the page before.")
    return serializers.IntegerField(min_value=0, required=False, error_messages={"invalid": words})


class _Asked(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=USUAL)
    before = _place()
    after = _place()
    offset = serializers.IntegerField(min_value=0, max_value=10_000, default=0)


def asked_page(request: Request) -> dict[str, int]:
    """`limit`, `offset`, and `before` or `after` when they were given. ValidationError."""
    asked = _Asked(data=request.query_params)
    if not asked.is_valid():
        raise ValidationError(asked.errors)
    values: dict[str, int] = asked.validated_data
    return values


def asks_for_all(request: Request, person: Person) -> bool:
    """Whether a list is to hold all that the person may see, and not only their own: `whose`. ValidationError."""
    said = request.query_params.get("whose", usual_for(person))
    if said not in {MINE, ALL}:
        raise ValidationError({"whose": _("Say mine or all.")})
    return said == ALL


def newest_first(rows: QuerySet[Row], request: Request) -> tuple[list[Row], int | None]:
    """One page by falling id, and the id for `before` of the next one, or None."""
    asked = asked_page(request)
    if "before" in asked:
        rows = rows.filter(pk__lt=asked["before"])
    return _cut(rows.order_by("-pk"), asked["limit"])


def oldest_first(rows: QuerySet[Row], request: Request) -> tuple[list[Row], int | None]:
    """One page by rising id, and the id for `after` of the next one, or None."""
    asked = asked_page(request)
    if "after" in asked:
        rows = rows.filter(pk__gt=asked["after"])
    return _cut(rows.order_by("pk"), asked["limit"])


def page_answer(results: Any, following: int | None) -> Response:
    return Response({"results": results, "next": following})


def page_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The shape of a page of `shape`, for the documentation."""
    name = f"{shape.__name__.removesuffix('Out')}PageOut"
    fields = {"results": shape(many=True), "next": serializers.IntegerField(allow_null=True)}
    return type(name, (serializers.Serializer,), fields)


def _cut(rows: QuerySet[Row], limit: int) -> tuple[list[Row], int | None]:
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return found[:limit], found[limit - 1].pk if more else None
