"""Read-only admin pages of the audit log."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from audit.models import Clock, Event, Pending, Seal, Verification


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "verb", "actor", "subject")
    list_filter = ("verb",)
    search_fields = ("actor", "subject", "digest")


admin.site.register([Pending, Seal, Clock, Verification], ReadOnlyAdmin)
