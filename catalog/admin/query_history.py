"""Admin pages of Athena's query history."""

from django.contrib import admin

from catalog.usage.models import (
    ColumnUseDay,
    CountedQuery,
    JoinUseDay,
    QueryDay,
    QueryHistory,
    WorkgroupReading,
)
from kernel.admin_bases import ReadOnlyAdmin


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
