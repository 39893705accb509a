"""Read-only admin pages of tables that were created again."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.recreated_tables.models import KeptGrant, RecreatedTable


@admin.register(RecreatedTable)
class RecreatedTableAdmin(ReadOnlyAdmin):
    list_display = ("pk", "__str__", "state", "found_at", "decided_by", "by_rule")
    list_filter = ("state",)
    search_fields = ("table__name", "table__database__name")
    list_select_related = ("table__database", "decided_by", "by_rule__domain")


@admin.register(KeptGrant)
class KeptGrantAdmin(ReadOnlyAdmin):
    list_display = ("pk", "recreated_table", "grant", "former_table")
    search_fields = ("former_table__name", "former_table__database__name")
    list_select_related = (
        "recreated_table__table__database",
        "former_table__database",
        "grant__item__table__database",
        "grant__principal__account",
    )
