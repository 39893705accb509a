"""Read-only admin pages of sync runs, and the sync settings."""

from django.contrib import admin

from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from catalog.sync.models import SyncProblem, SyncRun, SyncSettings


@admin.register(SyncSettings)
class SyncSettingsAdmin(AuditedAdmin):
    list_display = ("catalog", "pause_percent", "events_queue_url")


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ("pk", "catalog", "database", "outcome", "tables", "changed", "tombstoned", "started_at")
    list_filter = ("outcome", "catalog")


@admin.register(SyncProblem)
class SyncProblemAdmin(ReadOnlyAdmin):
    list_display = ("run", "database", "error")
