"""Read-only admin pages of account connections and check-ups."""

from django.contrib import admin

from identity.connections.models import AccountConnection, Checkup
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(AccountConnection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Accounts are connected on the portal's page *Accounts*."""

    list_display = ("name", "account_id", "region", "team", "requested_by", "requested_at", "registered")
    list_filter = ("environment", ("registered", admin.EmptyFieldListFilter))
    search_fields = ("name", "account_id")
    list_select_related = ("team", "requested_by", "registered")


@admin.register(Checkup)
class CheckupAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "requested_by", "requested_at", "finished_at", "findings")
    list_filter = ("account", ("finished_at", admin.EmptyFieldListFilter))
    search_fields = ("account__name", "account__account_id", "connection__name", "connection__account_id")
    list_select_related = ("account", "connection", "requested_by")
