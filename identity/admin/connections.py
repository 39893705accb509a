"""Accounts that are being connected, to be looked at."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from identity.connections.models import Checkup, Connection


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Accounts join on the page for it, which looks before it registers."""

    list_display = ("name", "account_id", "region", "team", "asked_by", "asked_at", "registered")
    search_fields = ("name", "account_id")


@admin.register(Checkup)
class CheckupAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "requested_by", "requested_at", "finished_at")
