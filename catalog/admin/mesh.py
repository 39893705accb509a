"""Read-only admin pages of the reports about the mesh and of the change feed."""

from django.contrib import admin

from catalog.change_feed import Change, ChangeFeedPosition, PendingChange
from catalog.mesh.models import JoinColumn, SchemaComparison, SearchWithoutResult, SimilarTable
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(SchemaComparison)
class SchemaComparisonAdmin(ReadOnlyAdmin):
    list_display = ("finished_at", "table_count")


@admin.register(SimilarTable)
class SimilarTableAdmin(ReadOnlyAdmin):
    list_display = ("table", "group")
    search_fields = ("table__name",)
    list_select_related = ("table__database",)


@admin.register(JoinColumn)
class JoinColumnAdmin(ReadOnlyAdmin):
    list_display = ("column", "table", "kind", "key")
    list_filter = ("kind",)
    search_fields = ("column", "table__name", "key")
    list_select_related = ("table__database",)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("seq", "at", "kind", "action", "product", "table")
    list_filter = ("kind", "action")
    search_fields = ("product__name", "table__name")
    list_select_related = ("product", "table__database")


@admin.register(PendingChange)
class PendingChangeAdmin(ReadOnlyAdmin):
    list_display = ("kind", "action", "table", "at")
    search_fields = ("table__name",)
    list_select_related = ("table__database",)


@admin.register(ChangeFeedPosition)
class ChangeFeedPositionAdmin(ReadOnlyAdmin):
    list_display = ("change_seq", "seal_seq")


@admin.register(SearchWithoutResult)
class SearchWithoutResultAdmin(ReadOnlyAdmin):
    """Without the text, which the page of the mesh shows only if enough people searched for it."""

    list_display = ("day", "people")
    fields = ("day", "people")
