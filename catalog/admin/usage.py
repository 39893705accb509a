"""CloudTrail's trails and the last uses read from them."""

from datetime import datetime

from django.contrib import admin

from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from catalog.usage.models import LastUse, Trail, TrailReading


@admin.register(Trail)
class TrailAdmin(AuditedAdmin):
    """With what the workers found: a bucket that they may not read shows here within a minute."""

    list_display = ("catalog", "bucket", "folder", "read_since", "looked_at", "complete", "trouble")
    list_select_related = ("catalog__account", "reading")

    @admin.display(description="looked at")
    def looked_at(self, trail: Trail) -> datetime | None:
        reading = _reading_of(trail)
        return reading.looked_at if reading else None

    @admin.display(description="complete")
    def complete(self, trail: Trail) -> str:
        reading = _reading_of(trail)
        if reading is None or reading.since is None or reading.until is None:
            return "not known from any time on"
        return f"from {reading.since:%Y-%m-%d %H:%M} until {reading.until:%Y-%m-%d %H:%M} UTC"

    @admin.display(description="trouble")
    def trouble(self, trail: Trail) -> str:
        reading = _reading_of(trail)
        return reading.trouble if reading else ""


def _reading_of(trail: Trail) -> TrailReading | None:
    found: TrailReading | None = getattr(trail, "reading", None)
    return found


@admin.register(TrailReading)
class TrailReadingAdmin(ReadOnlyAdmin):
    list_display = ("trail", "since", "until", "files", "looked_at", "trouble")
    list_select_related = ("trail__catalog__account",)


@admin.register(LastUse)
class LastUseAdmin(ReadOnlyAdmin):
    list_display = ("reader", "account", "database", "table", "at")
    search_fields = ("reader", "table")
