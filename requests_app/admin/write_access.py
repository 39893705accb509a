"""Read-only admin page of write requests."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.write_access.models import WriteRequest


@admin.register(WriteRequest)
class WriteRequestAdmin(ReadOnlyAdmin):
    list_display = (
        "pk",
        "__str__",
        "domain",
        "principal",
        "verbs",
        "state",
        "ends_at",
        "requested_by",
        "decided_by",
    )
    list_filter = ("state", "domain")
    search_fields = ("table__name", "table__database__name", "principal__name")
    list_select_related = ("table__database", "domain", "principal__account", "requested_by", "decided_by")
