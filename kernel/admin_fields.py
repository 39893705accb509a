"""Values of fields as the admin pages show them: JSON as text, related rows by name, long texts cut in lists."""
# ruff: noqa: SLF001 - Django documents `_meta`

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, JSONField, Model, TextField
from django.forms import JSONField as JSONFormField
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

if TYPE_CHECKING:
    JSONFormFieldBase = JSONFormField
    RelatedFilter = admin.RelatedFieldListFilter
else:
    JSONFormFieldBase, RelatedFilter = JSONFormField, admin.RelatedFieldListFilter

MAX_LIST_TEXT = 140
EMPTY = "–"
_KEY = re.compile(r"\d{1,18}", re.ASCII)


class JSONTextField(JSONFormFieldBase):
    """A form's JSON, one value a line."""

    def prepare_value(self, value: Any) -> Any:
        prepared = super().prepare_value(value)
        return prepared if isinstance(value, str) else format_json(value)


@dataclass(frozen=True)
class FieldText:
    """A field of a page without inputs; Django takes it in the place of the field's name. Equal for the same field."""

    field: "Field[Any, Any]"
    may_open: bool = False

    @property
    def __name__(self) -> str:
        return str(self.field.name)

    @property
    def short_description(self) -> str:
        return str(self.field.verbose_name)

    def __call__(self, row: Model) -> SafeString | str:
        value = getattr(row, self.field.name)
        if value in (None, "", [], {}):
            return EMPTY
        if isinstance(self.field, ForeignKey):
            return link_row(value) if self.may_open else str(value)
        return show_text(format_json(value))


class ListText(FieldText):
    """A long text or JSON in a list: its beginning, in one line."""

    def __call__(self, row: Model) -> str:
        return Truncator(format_in_line(getattr(row, self.field.name))).chars(MAX_LIST_TEXT)


class RowNameFilter(RelatedFilter):
    """Choices by name, in one query whatever the names are made of."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        related = model_admin.admin_site._registry.get(field.related_model)
        rows = related.get_queryset(request) if related else field.related_model._default_manager.all()
        return sorted(((row.pk, str(row)) for row in rows), key=lambda choice: choice[1].casefold())


admin.FieldListFilter.register(lambda field: bool(field.remote_field), RowNameFilter, take_priority=True)


def show_text(text: str) -> SafeString:
    """Several lines as they are."""
    return format_html('<pre class="text-block" dir="auto">{}</pre>', text)


def format_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def format_in_line(value: Any) -> str:
    """`tier: gold, region: eu`; what is nested as JSON."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_format_nested(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_format_nested(inner) for inner in value)
    return "" if value is None else str(value)


def _format_nested(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def link_row(row: Model) -> SafeString | str:
    """A link to the row's admin page, if its model has one."""
    try:
        url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return str(row)
    return format_html('<a href="{}">{}</a>', url, row)


def show_in_list(model: type[Model], name: Any) -> Any:
    """The column of a list for this name: long texts and JSON are cut."""
    field = find_field(model, name)
    return ListText(field) if isinstance(field, TextField | JSONField | ArrayField) else name


def find_field(model: type[Model], name: Any) -> "Field[Any, Any] | None":
    """None for what is no field of the model's own."""
    if not isinstance(name, str):
        return None
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


class SuggestionSelect(AutocompleteSelect):
    """Leaves out values that are no keys: Django would look them up as they are, and fail."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:
        keys = [each for each in value if _KEY.fullmatch(str(each))]
        return super().optgroups(name, keys, attr)
