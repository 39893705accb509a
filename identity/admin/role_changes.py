"""Read-only admin pages of role changes."""

from django.contrib import admin

from identity.role_changes.models import RoleChange
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(RoleChange)
class RoleChangeAdmin(ReadOnlyAdmin):
    """Governors confirm and reject on the portal's page *Role changes*."""

    list_display = (
        "what",
        "person",
        "is_addition",
        "state",
        "requested_by",
        "decided_by",
        "expires_at",
        "bars_until",
    )
    list_filter = ("state", "kind", "team")
    search_fields = ("what", "person__name", "requested_by__name", "decided_by__name")
    list_select_related = ("person", "team", "requested_by", "decided_by")
