"""Read-only admin pages of the audit log."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from audit.actions import record_event
from audit.models import Clock, Event, Pending, Seal, Verification
from kernel import clock
from kernel.admin_bases import NamedRowsAdmin, ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """People search the log on the portal's page *Audit log*."""

    list_display = ("id", "at", "verb", "actor", "subject", "data")
    list_filter = ("verb", "at")
    search_fields = ("actor", "subject", "verb", "digest")
    subject_fields = ("actor", "subject")


@admin.register(Pending)
class PendingAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "event__verb", "event__at")


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ("seq", "event__verb", "event__at", "sealed_at", "hash")
    search_fields = ("hash", "event__verb")


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "recent_at", "full_at", "full_seconds", "broken_since", "problems")


@admin.register(Clock)
class ClockAdmin(ReadOnlyAdmin):
    list_display = ("__str__",)


# ruff: noqa: SLF001 - Django documents `_meta`


class AuditedAdmin(NamedRowsAdmin):
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
