"""Read-only admin pages of the audit log."""

from django.contrib import admin

from audit.models import Clock, Event, Pending, Seal, Verification
from kernel.admin_bases import ReadOnlyAdmin


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
