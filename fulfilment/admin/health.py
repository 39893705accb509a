"""Read-only admin pages of the counts of calls and rounds."""

from django.contrib import admin

from fulfilment.health.models import CallCount, CallTotal, RoundTotal
from identity.admin.account_names import AccountNamesAdmin
from kernel.admin_bases import ReadOnlyAdmin


@admin.register(CallCount)
class CallCountAdmin(AccountNamesAdmin):
    list_display = ("operation", "named_account", "region", "at", "calls")
    list_filter = ("at",)
    search_fields = ("operation", "account_id", "region")


@admin.register(CallTotal)
class CallTotalAdmin(AccountNamesAdmin):
    list_display = ("operation", "named_account", "outcome", "calls")
    list_filter = ("outcome",)
    search_fields = ("operation", "account_id")


@admin.register(RoundTotal)
class RoundTotalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "outcome", "rounds", "seconds")
    list_filter = ("kind", "outcome")
