"""Read-only admin pages of drift findings and ordered removals."""

from django.contrib import admin

from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(DriftFinding)
class DriftFindingAdmin(ReadOnlyAdmin):
    subject_kind = "finding"
    list_display = (
        "text", "kind", "catalog", "principal_arn", "first_seen_at", "last_seen_at", "gone_at", "known_by",
    )  # fmt: skip
    list_filter = (
        "catalog",
        ("gone_at", admin.EmptyFieldListFilter),
        ("known_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("text", "principal_arn", "database", "table")
    list_select_related = (
        "catalog__account",
        "known_by",
        "proof__scope__catalog__account",
        "proof__scope__consumer",
    )


@admin.register(PermissionRemoval)
class PermissionRemovalAdmin(ReadOnlyAdmin):
    subject_kind = "removal"
    subject_lookup = "event_id"
    list_display = ("id", "catalog", "ordered_by", "ordered_at", "reason")
    list_filter = ("catalog", "ordered_at")
    search_fields = ("reason", "ordered_by__name")
    list_select_related = ("catalog__account", "ordered_by", "intent", "event")
