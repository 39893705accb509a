"""Admin pages of CloudTrail trails and of the last uses read from them."""

from datetime import datetime

from django.contrib import admin

from audit.admin import AuditedAdmin
from catalog.usage.models import (
    ColumnUseDay,
    CountedQuery,
    JoinUseDay,
    LastUse,
    PersonLastUse,
    QueryDay,
    QueryHistory,
    QueryReader,
    ScanPrice,
    Trail,
    TrailReading,
    UsageDay,
    WorkgroupReading,
)
from identity.admin.bases import AccountNamesAdmin
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Trail)
class TrailAdmin(AuditedAdmin):
    """Shows what the workers found. A bucket that they may not read shows an error within a minute."""

    list_display = ("catalog", "bucket", "folder", "read_since", "checked_at", "covered_period", "error")
    search_fields = ("catalog__short_name", "bucket", "folder")
    autocomplete_fields = ("catalog",)
    list_select_related = ("catalog__account", "reading")

    @admin.display(description="checked at")
    def checked_at(self, trail: Trail) -> datetime | None:
        reading = _get_reading(trail)
        return reading.looked_at if reading else None

    @admin.display(description="covered period")
    def covered_period(self, trail: Trail) -> str:
        reading = _get_reading(trail)
        if reading is None or reading.since is None or reading.until is None:
            return "nothing read yet"
        return f"from {reading.since:%Y-%m-%d %H:%M} until {reading.until:%Y-%m-%d %H:%M} UTC"

    @admin.display(description="error")
    def error(self, trail: Trail) -> str:
        reading = _get_reading(trail)
        return reading.trouble if reading else ""


def _get_reading(trail: Trail) -> TrailReading | None:
    reading: TrailReading | None = getattr(trail, "reading", None)
    return reading


@admin.register(TrailReading)
class TrailReadingAdmin(ReadOnlyAdmin):
    list_display = ("trail", "since", "until", "files", "looked_at", "trouble")
    list_filter = (("trouble", admin.EmptyFieldListFilter),)
    search_fields = ("trail__catalog__short_name", "trail__bucket", "trouble")
    list_select_related = ("trail__catalog__account",)


@admin.register(LastUse)
class LastUseAdmin(AccountNamesAdmin):
    account_field = "account"
    list_display = ("reader", "named_account", "catalog", "database", "table", "at")
    list_filter = ("catalog", "at")
    search_fields = ("reader", "database", "table")
    list_select_related = ("catalog__account",)


@admin.register(UsageDay)
class UsageDayAdmin(AccountNamesAdmin):
    account_field = "account"
    list_display = ("day", "reader", "named_account", "catalog", "database", "table", "reads")
    list_filter = ("catalog", "day")
    search_fields = ("reader", "database", "table")
    list_select_related = ("catalog__account",)


@admin.register(PersonLastUse)
class PersonLastUseAdmin(ReadOnlyAdmin):
    list_display = ("person", "catalog", "database", "table", "at")
    list_filter = ("catalog", "at")
    search_fields = ("person__name", "person__email", "database", "table")
    list_select_related = ("catalog__account", "person")


@admin.register(QueryReader)
class QueryReaderAdmin(AccountNamesAdmin):
    account_field = "account"
    list_display = ("execution", "reader", "named_account", "at")
    list_filter = ("at",)
    search_fields = ("execution", "reader")


@admin.register(ScanPrice)
class ScanPriceAdmin(AuditedAdmin):
    """Costs of earlier days change with a price that begins earlier."""

    list_display = ("account", "valid_from", "per_terabyte", "currency")
    list_filter = ("valid_from",)
    search_fields = ("account__name", "account__account_id")
    autocomplete_fields = ("account",)
    list_select_related = ("account",)


@admin.register(QueryHistory)
class QueryHistoryAdmin(ReadOnlyAdmin):
    list_display = ("account", "since", "until", "looked_at", "trouble")
    list_filter = (("trouble", admin.EmptyFieldListFilter),)
    search_fields = ("account__name", "account__account_id", "trouble")
    list_select_related = ("account",)


@admin.register(WorkgroupReading)
class WorkgroupReadingAdmin(ReadOnlyAdmin):
    list_display = ("history", "name", "is_caught_up")
    list_filter = ("is_caught_up",)
    search_fields = ("name", "history__account__name")
    list_select_related = ("history__account",)


@admin.register(CountedQuery)
class CountedQueryAdmin(ReadOnlyAdmin):
    list_display = ("execution", "account", "submitted_at")
    list_filter = ("submitted_at",)
    search_fields = ("execution", "account__name")
    list_select_related = ("account",)


@admin.register(QueryDay)
class QueryDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "account", "reader", "database", "table", "queries", "failed", "scanned_bytes")
    list_filter = ("catalog", "day")
    search_fields = ("reader", "database", "table", "account__name")
    list_select_related = ("account",)


@admin.register(ColumnUseDay)
class ColumnUseDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "account", "database", "table", "column", "queries")
    list_filter = ("catalog", "day")
    search_fields = ("database", "table", "column", "account__name")
    list_select_related = ("account",)


@admin.register(JoinUseDay)
class JoinUseDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "account", "database", "table", "column", "other_table", "other_column", "queries")
    list_filter = ("catalog", "day")
    search_fields = ("database", "table", "other_table", "account__name")
    list_select_related = ("account",)
