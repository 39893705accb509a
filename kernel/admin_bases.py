"""Base classes of admin pages: rows with names in the place of ids, and rows that nobody may change there."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import NotRelationField, flatten_fieldsets, get_fields_from_path
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, transaction
from django.db.models import Field, ForeignKey, JSONField, Model, Q, QuerySet, TextField
from django.forms import JSONField as JSONFormField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

# ruff: noqa: SLF001 - Django documents `_meta`


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


# ruff: noqa: ARG002, SLF001 - Django names the arguments, and documents `_meta`


if TYPE_CHECKING:
    ModelAdminBase = admin.ModelAdmin[Any]
    TabularInlineBase = admin.TabularInline[Any, Any]
else:
    ModelAdminBase = admin.ModelAdmin
    TabularInlineBase = admin.TabularInline

ALLOWED_LOOKUPS = {"exact", "isnull", "isempty", "gte", "lt"}

# Rows are ended by their own actions, never deleted in bulk.
admin.site.disable_action("delete_selected")


def _set_suggestions(rows: Any, db_field: Any, request: HttpRequest | None, options: dict[str, Any]) -> None:
    if request is not None and db_field.name in rows.get_autocomplete_fields(request):
        options.setdefault("widget", SuggestionSelect(db_field, rows.admin_site))


class AdminInline(TabularInlineBase):
    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        _set_suggestions(self, db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RestrictedLookupsAdmin(ModelAdminBase):
    """Allow only the lookups that the list's own filters send.

    Django allows every lookup on a model's fields: a malformed pattern, range or year ends in a server error.
    """

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        _set_suggestions(self, db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        is_known = _is_field(self.model, lookup) or _is_allowed_lookup(self.model, lookup)
        return is_known and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the unfiltered list with Django's error flag when a value fits no field."""
        if request.method == "POST":  # an action: a verb, in a transaction of its own
            return super().changelist_view(request, extra_context)
        try:
            with transaction.atomic():
                return super().changelist_view(request, extra_context)
        except DataError:
            return redirect(f"{request.path}?{ERROR_FLAG}=1")


def _is_allowed_lookup(model: type[Model], lookup: str) -> bool:
    path, _, comparison = lookup.rpartition("__")
    return comparison in ALLOWED_LOOKUPS and _is_field(model, path)


def _is_field(model: type[Model], path: str) -> bool:
    try:
        get_fields_from_path(model, path)
    except (FieldDoesNotExist, NotRelationField):
        return False
    return True


class NamedRowsAdmin(RestrictedLookupsAdmin):
    """Names in the place of ids, JSON as text, and links only to rows that the person may look at."""

    show_full_result_count = False
    formfield_overrides: ClassVar[Any] = {JSONField: {"form_class": JSONTextField}}
    subject_kind = ""
    """What references such as `item:12` call the model, unless it is the model's name."""
    subject_lookup = "pk"
    """The field whose numbers the references have."""
    subject_key = ""
    """The field whose texts they have where they have no number."""
    subject_fields: ClassVar[tuple[str, ...]] = ()
    """Fields with references: lists show the name of the row."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the rows of which names consist: lists, choices and suggestions print them."""
        rows = super().get_queryset(request)
        related = self.list_select_related
        if isinstance(related, bool):
            return rows.select_related() if related else rows
        return rows.select_related(*related)

    def get_list_display(self, request: HttpRequest) -> Any:
        return [self._show_column(name) for name in super().get_list_display(request)]

    def _show_column(self, name: Any) -> Any:
        if name in self.subject_fields:
            return SubjectName(name, str(self.model._meta.get_field(name).verbose_name))
        return show_in_list(self.model, name)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = changelist.result_list = list(changelist.result_list)
        names = name_subjects(request, {subject for row in rows for subject in self.list_subjects(row)})
        for row in rows:
            row.subject_names = names
        return changelist

    def list_subjects(self, row: Any) -> list[str]:
        """References of the row, such as `item:12`; `row.subject_names` then has the names."""
        return [getattr(row, name) for name in self.subject_fields]

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """The fields whose suggestions the person may see; for the others Django shows a plain list."""
        return [name for name in super().get_autocomplete_fields(request) if self._may_open(request, name)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = super().get_readonly_fields(request, obj)
        return list(dict.fromkeys([*names, *(self._show_field(request, name) for name in names)]))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        is_editable = obj is None or self.has_change_permission(request, obj)
        read_only = set(self.get_readonly_fields(request, obj) if is_editable else flatten_fieldsets(found))

        def show(name: Any) -> Any:
            if isinstance(name, list | tuple):
                return tuple(map(show, name))
            return self._show_field(request, name) if name in read_only else name

        return [
            (title, {**options, "fields": list(dict.fromkeys(map(show, options["fields"])))})
            for title, options in found
        ]

    def _show_field(self, request: HttpRequest, name: Any) -> Any:
        field = find_field(self.model, name)
        if isinstance(field, ForeignKey):
            return FieldText(field, self._may_open(request, name))
        return FieldText(field) if isinstance(field, JSONField) else name

    def _may_open(self, request: HttpRequest, name: str) -> bool:
        """Whether the person may look at the rows to which the field leads."""
        related = self.admin_site._registry.get(self.model._meta.get_field(name).related_model)
        return related is not None and related.has_view_permission(request)


class ReadOnlyAdmin(NamedRowsAdmin):
    """Rows that nobody may change on the admin pages, not even a superuser."""

    list_select_related: ClassVar[bool | list[str] | tuple[str, ...]] = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


MAX_DIGITS = 18


@dataclass(frozen=True)
class SubjectName:
    """The column of a field that refers to a row."""

    field: str
    label: str

    @property
    def __name__(self) -> str:
        return self.field

    @property
    def short_description(self) -> str:
        return self.label

    @property
    def admin_order_field(self) -> str:
        return self.field

    def __call__(self, row: Any) -> SafeString | str:
        subject = getattr(row, self.field)
        name: SafeString | str = row.subject_names.get(subject, subject)
        return name


def name_subjects(request: HttpRequest, subjects: Iterable[str]) -> dict[str, SafeString | str]:
    """The rows' names, linked where the person may look at them. One query a kind; what is not found is left out."""
    admins = {
        getattr(found, "subject_kind", "") or str(model._meta.model_name): found
        for model, found in admin.site._registry.items()
        if hasattr(found, "subject_lookup")
    }
    by_kind: dict[str, dict[str, str]] = {}
    for subject in subjects:
        kind, _, reference = subject.partition(":")
        if kind in admins:
            by_kind.setdefault(kind, {})[subject] = reference
    return {
        subject: name
        for kind, references in by_kind.items()
        for subject, name in _name_rows(request, admins[kind], references).items()
    }


def _name_rows(
    request: HttpRequest, model_admin: Any, references: Mapping[str, str]
) -> dict[str, SafeString | str]:
    """By subject; `references` are what follows the kind."""
    numbers = {subject: _read_number(text) for subject, text in references.items()}
    lookup, key = model_admin.subject_lookup, model_admin.subject_key
    condition = Q(**{f"{lookup}__in": {number for number in numbers.values() if number}})
    if key:
        condition |= Q(**{f"{key}__in": set(references.values())})
    rows = model_admin.get_queryset(request).filter(condition)
    found = {getattr(row, lookup): row for row in rows} | (
        {getattr(row, key): row for row in rows} if key else {}
    )
    show = link_row if model_admin.has_view_permission(request) else str
    matches = {
        subject: found.get(numbers[subject]) or found.get(text) for subject, text in references.items()
    }
    return {subject: show(row) for subject, row in matches.items() if row is not None}


def _read_number(reference: str) -> int:
    """The first number of `12` or `12:7`; 0 where there is none."""
    number = reference.partition(":")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS else 0
