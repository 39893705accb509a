"""Read-only admin page of promises that were not kept."""

from django.contrib import admin

from catalog.promises import PromiseBreach
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(PromiseBreach)
class PromiseBreachAdmin(ReadOnlyAdmin):
    list_display = ("pk", "product", "kind", "promised", "fact", "began_at", "ended_at")
    list_filter = ("kind", "product")
    search_fields = ("product__name", "fact", "cause")
    list_select_related = ("product",)
