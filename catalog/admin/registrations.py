"""Read-only admin pages of registrations."""

from django.contrib import admin

from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.models import SchemaUpdate
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = ("pk", "__str__", "catalog", "domain", "producer", "state", "requested_by", "decided_by")
    list_filter = ("state", "catalog", "domain")
    search_fields = ("database", "table", "location")
    list_select_related = ("catalog__account", "domain", "producer", "requested_by", "decided_by")


@admin.register(RowComparison)
class RowComparisonAdmin(ReadOnlyAdmin):
    list_display = ("pk", "registration", "state", "problem", "requested_by", "requested_at", "finished_at")
    list_filter = ("state", "problem")
    search_fields = ("registration__database", "registration__table")
    list_select_related = ("registration", "requested_by")


@admin.register(SchemaUpdate)
class SchemaUpdateAdmin(ReadOnlyAdmin):
    list_display = ("pk", "registration", "source", "is_breaking", "state", "requested_at", "decided_by")
    list_filter = ("state", "is_breaking")
    search_fields = ("registration__database", "registration__table")
    list_select_related = ("registration", "source__database__catalog", "decided_by")
