"""Read-only admin pages of freshness."""

from django.contrib import admin

from catalog.freshness import FreshnessDay, TableFreshness
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(TableFreshness)
class TableFreshnessAdmin(ReadOnlyAdmin):
    list_display = ("pk", "table", "changed_at", "source", "may_be_newer", "read_at", "trouble")
    list_filter = ("source",)
    search_fields = ("table__name", "table__database__name")
    list_select_related = ("table__database",)


@admin.register(FreshnessDay)
class FreshnessDayAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "day", "state", "age_minutes", "promised_hours")
    list_filter = ("state",)
    search_fields = ("product__name",)
    list_select_related = ("product",)
