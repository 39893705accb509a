"""Filters of lists by member name: repeated is "or", different ones are "and"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from portal.api.fields import LARGEST, EndField

Row = TypeVar("Row", bound=Model)
DATA_FORMAT = "data_format"
"""The API's parameter for the facet `format`; its parameter `format` is the format of the answer."""


@dataclass(frozen=True)
class Filter:
    """`lookup` is of the database; `field` reads one value."""

    name: str
    lookup: str
    field: serializers.Field[Any, Any, Any, Any]
    type: Any = str
    help: str = ""
    choices: tuple[str, ...] | None = None

    @property
    def parameter(self) -> OpenApiParameter:
        choices = list(self.choices) if self.choices else None
        return OpenApiParameter(self.name, self.type, many=True, description=self.help, enum=choices)


def get_facet_parameter(facet: str) -> str:
    return DATA_FORMAT if facet == "format" else facet


def by_text(name: str, lookup: str, words: str = "") -> Filter:
    return Filter(name, lookup, serializers.CharField(max_length=600), str, words)


def by_id(name: str, lookup: str, words: str = "") -> Filter:
    return Filter(name, lookup, serializers.IntegerField(min_value=1, max_value=LARGEST), str, words)


def by_choice(name: str, lookup: str, choices: Iterable[str], words: str = "") -> Filter:
    found = tuple(choices)
    return Filter(name, lookup, serializers.ChoiceField(found), str, words, found)


class _IsNullField(serializers.BooleanField):
    """Whether there is none, from whether there is one."""

    def to_internal_value(self, data: Any) -> bool:
        return not super().to_internal_value(data)


def by_presence(name: str, column: str, words: str = "") -> Filter:
    """`true` for rows where the column is set, `false` for the others."""
    return Filter(name, f"{column}__isnull", _IsNullField(), bool, words)


def by_time(name: str, column: str) -> tuple[Filter, Filter]:
    """`<name>_before` and `<name>_after`."""
    return (
        Filter(f"{name}_before", f"{column}__lt", EndField(), str, "A time, or a date: the end of that day."),
        Filter(f"{name}_after", f"{column}__gt", EndField(), str, "A time, or a date: the end of that day."),
    )


def filtered(rows: QuerySet[Row], request: Request, filters: Iterable[Filter]) -> QuerySet[Row]:
    """ValidationError for a value that no row could have."""
    for one in filters:
        if given := request.query_params.getlist(one.name):
            rows = rows.filter(_any_of(one, given))
    return rows


def _any_of(one: Filter, given: list[str]) -> Q:
    found = Q(pk__in=())
    for value in given:
        try:
            found |= Q(**{one.lookup: one.field.run_validation(value)})
        except ValidationError as error:
            raise ValidationError({one.name: error.detail}) from error
    return found
