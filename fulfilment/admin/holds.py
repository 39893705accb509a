"""Admin pages of valves, which people set, and of holds."""

from django.contrib import admin

from audit.admin_bases import AuditedAdmin
from fulfilment.admin.scope_names import ScopeNamesAdmin
from fulfilment.holds.models import Hold, Valve


@admin.register(Valve)
class ValveAdmin(AuditedAdmin):
    list_display = ("__str__", "closed", "most_removed", "always_removed", "reason")
    list_filter = ("closed",)
    search_fields = ("account__name", "account__account_id", "reason")
    autocomplete_fields = ("account",)
    list_select_related = ("account",)


@admin.register(Hold)
class HoldAdmin(ScopeNamesAdmin):
    """People let columns and removals through on the portal's pages."""

    list_display = ("text", "kind", "catalog", "scope_name", "since", "ended_at", "ended_as", "ended_by")
    list_filter = ("kind", "catalog", ("ended_at", admin.EmptyFieldListFilter), "ended_as")
    search_fields = ("text", "database", "table", "column", "reason")
    list_select_related = ("catalog__account", "intent", "ended_by")
