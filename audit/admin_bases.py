"""Base classes of admin pages: read-only rows, and rows whose edits write audit events."""
# ruff: noqa: ARG002, SLF001 - Django names the arguments, and documents `_meta`

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import NotRelationField, get_fields_from_path
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, transaction
from django.db.models import Field, JSONField, Model, TextField
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from audit import clock
from audit.actions import record_event
from audit.models import Event

if TYPE_CHECKING:
    ModelAdminBase = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdminBase = admin.ModelAdmin
    TabularInline = admin.TabularInline

MAX_LIST_COLUMNS = 9
ALLOWED_LOOKUPS = {"exact", "isnull", "gte", "lt"}

# Rows are ended by their own actions, never deleted in bulk.
admin.site.disable_action("delete_selected")


class RestrictedLookupsAdmin(ModelAdminBase):
    """Allow only the lookups that the list's own filters send.

    Django allows every lookup on a model's fields: a malformed pattern, range or year ends in a server error.
    """

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


class ReadOnlyAdmin(RestrictedLookupsAdmin):
    """Rows that nobody may change on the admin pages, not even a superuser."""

    show_full_result_count = False
    list_select_related: ClassVar[bool | list[str] | tuple[str, ...]] = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        """The short fields, unless the class names its own."""
        return list_short_fields(self.model) if self.list_display == ("__str__",) else self.list_display


def list_short_fields(model: type[Model]) -> list[str]:
    """Names of the first fields that fit into a list."""
    fields = [field for field in model._meta.get_fields() if isinstance(field, Field) and field.concrete]
    short = [field.name for field in fields if not isinstance(field, TextField | JSONField)]
    return short[:MAX_LIST_COLUMNS]


class AuditedAdmin(RestrictedLookupsAdmin):
    """Each addition, change and removal writes an audit event in the same transaction."""

    def save_model(self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        record_edit(request, "change" if change else "add", obj, sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        record_edit(request, "delete", obj)
        super().delete_model(request, obj)

    def save_formset(
        self,
        request: HttpRequest,
        form: "ModelForm[Any]",
        formset: "BaseModelFormSet[Any, Any]",
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        removed = [inline.instance for inline in getattr(formset, "deleted_forms", [])]
        for row in removed:
            record_edit(request, "delete", row)
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            record_edit(request, "add", row)
        for row, fields in formset.changed_objects:
            record_edit(request, "change", row, sorted(fields))


def record_edit(request: HttpRequest, action: str, row: Model, fields: Sequence[str] = ()) -> Event:
    """One event: who did it, to which row, and the names of the fields, never their values."""
    name = row._meta.model_name
    return record_event(
        verb=f"{action}_{name}",
        actor=f"person:{request.user.pk}",
        subject=f"{name}:{row.pk}",
        data={"fields": list(fields)} if fields else {},
        now=clock.now(),
    )
