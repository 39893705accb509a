"""Read-only admin pages of lineage."""

from django.contrib import admin

from catalog.lineage.models import (
    ColumnEdge,
    DatasetLink,
    LineageDataset,
    LineageJob,
    LineageRun,
    TableEdge,
)
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(LineageJob)
class LineageJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "namespace", "team", "kind", "view", "last_seen")
    list_filter = ("kind", "team")
    search_fields = ("name", "namespace")
    list_select_related = ("team", "view__database")


@admin.register(LineageRun)
class LineageRunAdmin(ReadOnlyAdmin):
    list_display = ("run_id", "job", "state", "started_at", "state_at")
    list_filter = ("state",)
    search_fields = ("job__name", "error")
    list_select_related = ("job",)


@admin.register(LineageDataset)
class LineageDatasetAdmin(ReadOnlyAdmin):
    """People match datasets on the portal's page *Unmatched datasets*."""

    list_display = ("name", "namespace", "match", "table", "team", "last_seen")
    list_filter = ("match", "team")
    search_fields = ("name", "namespace")
    list_select_related = ("table__database", "team")


@admin.register(DatasetLink)
class DatasetLinkAdmin(ReadOnlyAdmin):
    list_display = ("job", "dataset", "is_output", "last_seen")
    list_filter = ("is_output",)
    search_fields = ("job__name", "dataset__name")
    list_select_related = ("job", "dataset")


@admin.register(TableEdge)
class TableEdgeAdmin(ReadOnlyAdmin):
    list_display = ("source", "target", "job", "first_seen", "last_seen")
    search_fields = ("job__name", "source__name", "target__name")
    list_select_related = ("job", "source", "target")


@admin.register(ColumnEdge)
class ColumnEdgeAdmin(ReadOnlyAdmin):
    list_display = ("source", "source_column", "target", "target_column", "job", "last_seen")
    list_filter = ("is_direct",)
    search_fields = ("job__name", "source_column", "target_column")
    list_select_related = ("job", "source", "target")
