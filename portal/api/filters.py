"""Filters of lists by member name, declared once for the page and the API: repeated is "or", different ones are "and"."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django_filters import Filter, FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from portal.api.fields import LARGEST, EndField

Row = TypeVar("Row", bound=Model)
Field = serializers.Field[Any, Any, Any, Any]
DATA_FORMAT = "data_format"
"""The API's parameter for the facet `format`; its parameter `format` is the format of the answer."""


def get_facet_parameter(facet: str) -> str:
    return DATA_FORMAT if facet == "format" else facet


class ValuesField(forms.Field):
    """Each value of a repeated parameter, as a field of the API reads it; the first invalid one is refused."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, reader: Field, **options: Any) -> None:
        super().__init__(**options)
        self.reader = reader

    def clean(self, value: list[str] | None) -> list[Any]:
        try:
            return [self.reader.run_validation(one) for one in value or []]
        except ValidationError as error:
            details = error.detail if isinstance(error.detail, list) else [error.detail]
            raise FormError(
                [FormError(str(one), getattr(one, "code", "invalid")) for one in details]
            ) from error


class ValuesFilter(Filter):
    """Rows for which `lookup` of the database finds any of the values. `reader` reads one value."""

    field_class = ValuesField

    def __init__(
        self,
        lookup: str,
        reader: Field,
        *,
        value_type: Any = str,
        words: str = "",
        choices: tuple[str, ...] | None = None,
        is_repeatable: bool = True,
    ) -> None:
        super().__init__(lookup, reader=reader, label=words)
        self.type, self.words, self.choices, self.is_repeatable = value_type, words, choices, is_repeatable

    def filter(self, rows: QuerySet[Row], values: list[Any]) -> QuerySet[Row]:
        if not values:
            return rows
        found = Q(pk__in=())
        for value in values:
            found |= Q(**{self.field_name: value})
        return rows.filter(found)

    def describe(self, name: str) -> OpenApiParameter:
        choices = list(self.choices) if self.choices else None
        return OpenApiParameter(
            name, self.type, many=self.is_repeatable, description=self.words, enum=choices
        )


def by_text(lookup: str, words: str = "") -> ValuesFilter:
    return ValuesFilter(lookup, serializers.CharField(max_length=600), words=words)


def by_id(lookup: str, words: str = "") -> ValuesFilter:
    return ValuesFilter(lookup, serializers.IntegerField(min_value=1, max_value=LARGEST), words=words)


def by_choice(lookup: str, choices: Iterable[str], words: str = "") -> ValuesFilter:
    found = tuple(choices)
    return ValuesFilter(lookup, serializers.ChoiceField(found), words=words, choices=found)


class _IsNullField(serializers.BooleanField):
    """Whether there is none, from whether there is one."""

    def to_internal_value(self, data: Any) -> bool:
        return not super().to_internal_value(data)


def by_presence(column: str, words: str = "") -> ValuesFilter:
    """`true` for rows where the column is set, `false` for the others."""
    return ValuesFilter(f"{column}__isnull", _IsNullField(), value_type=bool, words=words)


def by_absence(column: str, words: str) -> ValuesFilter:
    """`true` for rows where the column is not set, `false` for the others. Sent once."""
    return ValuesFilter(
        f"{column}__isnull", serializers.BooleanField(), value_type=bool, words=words, is_repeatable=False
    )


def by_time(column: str) -> tuple[ValuesFilter, ValuesFilter]:
    """`<name>_before` and `<name>_after`."""
    words = "A time, or a date: the end of that day."
    return (
        ValuesFilter(f"{column}__lt", EndField(), words=words),
        ValuesFilter(f"{column}__gt", EndField(), words=words),
    )


class ListFilters(FilterSet):
    """The filters of one list."""

    @classmethod
    def list_parameters(cls) -> Iterator[OpenApiParameter]:
        for name, one in cls.base_filters.items():
            is_ours = isinstance(one, ValuesFilter)
            yield one.describe(name) if is_ours else OpenApiParameter(name, str, description=one.label)

    @classmethod
    def apply(cls, rows: QuerySet[Row], query: QueryDict) -> QuerySet[Row]:
        """ValidationError for a value that no row could have."""
        asked = cls(query, rows)
        if not asked.form.is_valid():
            raise ValidationError(
                {
                    name: [ErrorDetail(str(one.message), one.code or "invalid") for one in errors.as_data()]
                    for name, errors in asked.form.errors.items()
                }
            )
        found: QuerySet[Row] = asked.qs
        return found
