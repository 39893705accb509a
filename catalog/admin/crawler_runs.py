"""Read-only admin pages of crawlers and their runs."""

from django.contrib import admin

from catalog.crawler_runs import Crawler, CrawlerRun
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Crawler)
class CrawlerAdmin(ReadOnlyAdmin):
    list_display = ("name", "catalog", "database", "read_at")
    list_filter = ("catalog",)
    search_fields = ("name", "database")
    list_select_related = ("catalog__account",)


@admin.register(CrawlerRun)
class CrawlerRunAdmin(ReadOnlyAdmin):
    list_display = (
        "pk",
        "crawler",
        "catalog",
        "state",
        "problem",
        "requested_by",
        "requested_at",
        "finished_at",
    )
    list_filter = ("state", "problem", "catalog")
    search_fields = ("crawler", "database")
    list_select_related = ("catalog__account", "requested_by")
