"""Read-only admin pages of sync runs, and the sync settings."""

from django.contrib import admin

from audit.admin import AuditedAdmin
from catalog.sync.models import SyncProblem, SyncRun, SyncSettings
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(SyncSettings)
class SyncSettingsAdmin(AuditedAdmin):
    list_display = ("catalog", "pause_percent", "events_queue_url")
    search_fields = ("catalog__short_name", "events_queue_url")
    autocomplete_fields = ("catalog",)
    list_select_related = ("catalog__account",)


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = (
        "pk", "catalog", "database", "outcome", "requested_by", "started_at", "finished_at", "tables", "changed",
        "tombstoned", "error",
    )  # fmt: skip
    list_filter = ("outcome", "catalog", "started_at")
    search_fields = ("database", "error")
    list_select_related = ("catalog__account", "requested_by")


@admin.register(SyncProblem)
class SyncProblemAdmin(ReadOnlyAdmin):
    list_display = ("run", "database", "error")
    list_filter = ("run__catalog",)
    search_fields = ("database", "error")
    list_select_related = ("run__catalog__account",)
