"""Read-only admin pages of what the workers last read in AWS."""

from typing import ClassVar

from django.contrib import admin

from fulfilment.observations.models import (
    ObservedCellsFilter,
    ObservedOptIn,
    ObservedPermission,
    RegisteredLocation,
    ScopeReading,
)
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(ScopeReading)
class ScopeReadingAdmin(ReadOnlyAdmin):
    list_display = ("scope", "epoch", "read_at", "seconds", "facts")
    list_filter = ("scope__kind", "read_at")
    search_fields = ("scope__catalog__short_name", "scope__consumer__name")
    list_select_related = ("scope__catalog__account", "scope__consumer")


class CatalogObservationAdmin(ReadOnlyAdmin):
    list_filter: ClassVar[tuple[str, ...]] = ("catalog",)
    list_select_related = ("catalog__account",)


@admin.register(ObservedPermission)
class ObservedPermissionAdmin(CatalogObservationAdmin):
    list_display = (
        "verb", "principal_arn", "catalog", "database", "table", "tagged", "columns", "grantable", "seen_at",
    )  # fmt: skip
    list_filter = ("catalog", "grantable")
    search_fields = ("principal_arn", "database", "table", "tagged")


@admin.register(ObservedCellsFilter)
class ObservedCellsFilterAdmin(CatalogObservationAdmin):
    list_display = ("name", "catalog", "database", "table", "rows", "columns", "seen_at")
    search_fields = ("name", "database", "table", "rows")


@admin.register(ObservedOptIn)
class ObservedOptInAdmin(CatalogObservationAdmin):
    list_display = ("principal_arn", "catalog", "database", "table", "seen_at")
    search_fields = ("principal_arn", "database", "table")


@admin.register(RegisteredLocation)
class RegisteredLocationAdmin(CatalogObservationAdmin):
    list_display = ("arn", "catalog", "is_hybrid", "seen_at")
    list_filter = ("catalog", "is_hybrid")
    search_fields = ("arn",)
