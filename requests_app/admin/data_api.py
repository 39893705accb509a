"""Read-only admin pages of queries and credentials. Neither rows nor secrets are shown here."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.data_queries.models import DataQuery, TableProfile
from requests_app.table_credentials.models import CredentialLimit, TableCredential


@admin.register(DataQuery)
class DataQueryAdmin(ReadOnlyAdmin):
    list_display = (
        "pk",
        "kind",
        "table",
        "principal",
        "requested_by",
        "token",
        "requested_at",
        "state",
        "row_count",
    )
    list_filter = ("kind", "state", "problem")
    search_fields = ("table__name", "table__database__name", "principal__name", "requested_by__name")
    list_select_related = ("table__database", "principal__account", "requested_by", "token")
    exclude = ("filters",)


@admin.register(TableProfile)
class TableProfileAdmin(ReadOnlyAdmin):
    list_display = ("table", "row_count", "requested_by", "measured_at")
    search_fields = ("table__name", "table__database__name")
    list_select_related = ("table__database", "requested_by")
    exclude = ("columns",)


@admin.register(TableCredential)
class TableCredentialAdmin(ReadOnlyAdmin):
    list_display = (
        "pk",
        "table",
        "principal",
        "requested_by",
        "token",
        "requested_at",
        "state",
        "expires_at",
    )
    list_filter = ("state", "problem")
    search_fields = ("table__name", "table__database__name", "principal__name", "requested_by__name")
    list_select_related = ("table__database", "principal__account", "requested_by", "token")


@admin.register(CredentialLimit)
class CredentialLimitAdmin(ReadOnlyAdmin):
    list_display = ("product", "minutes", "changed_by", "changed_at")
    search_fields = ("product__name",)
    list_select_related = ("product", "changed_by")
