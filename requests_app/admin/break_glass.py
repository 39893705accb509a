"""Standing consents and the sessions opened under them."""

from django.contrib import admin

from audit.admin_bases import ReadOnlyAdmin
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession, ConsentTable


@admin.register(BreakGlassConsent)
class BreakGlassConsentAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "domain",
        "granted_by",
        "recipient",
        "confirmer",
        "principal",
        "hours",
        "until",
        "withdrawn_at",
    )
    list_select_related = ("domain", "granted_by", "recipient", "confirmer", "principal__account")


@admin.register(ConsentTable)
class ConsentTableAdmin(ReadOnlyAdmin):
    list_display = ("id", "consent", "table")
    list_select_related = ("consent__recipient", "table__database")


@admin.register(BreakGlassSession)
class BreakGlassSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "started_by", "started_at", "confirmed_by", "state", "reviewed_by")
    list_filter = ("state",)
    list_select_related = ("started_by", "confirmed_by", "reviewed_by")
