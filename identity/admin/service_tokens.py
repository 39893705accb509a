"""Read-only admin pages of service tokens."""

from django.contrib import admin

from identity.service_tokens.models import ServiceToken
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(ServiceToken)
class ServiceTokenAdmin(ReadOnlyAdmin):
    """The team creates and revokes tokens on the portal's page *Service tokens*."""

    list_display = (
        "name",
        "team",
        "hint",
        "created_by",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("team",)
    search_fields = ("name", "hint", "team__name")
    list_select_related = ("team", "created_by")
