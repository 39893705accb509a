"""Read-only admin page of registrations."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from catalog.registrations.models import Registration


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = ("pk", "__str__", "catalog", "domain", "producer", "state", "requested_by", "decided_by")
    list_filter = ("state", "catalog", "domain")
    search_fields = ("database", "table", "location")
    list_select_related = ("catalog__account", "domain", "producer", "requested_by", "decided_by")
