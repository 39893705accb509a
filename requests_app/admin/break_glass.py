"""Standing consents and the sessions opened under them."""

from django.contrib import admin

from kernel.admin_bases import ReadOnlyAdmin
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession, ConsentTable


@admin.register(BreakGlassConsent)
class BreakGlassConsentAdmin(ReadOnlyAdmin):
    subject_kind = "consent"
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
    list_filter = ("domain", ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("granted_by__name", "recipient__name", "confirmer__name", "principal__name", "reason")
    list_select_related = (
        "domain",
        "granted_by",
        "recipient",
        "confirmer",
        "principal__account",
        "withdrawn_by",
        "event",
    )


@admin.register(ConsentTable)
class ConsentTableAdmin(ReadOnlyAdmin):
    list_display = ("id", "consent", "table", "columns")
    search_fields = ("consent__recipient__name", "table__name", "table__database__name")
    list_select_related = ("consent__recipient", "table__database")


@admin.register(BreakGlassSession)
class BreakGlassSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "started_by", "started_at", "confirmed_by", "state", "reviewed_by")
    list_filter = ("state", "started_at")
    search_fields = ("started_by__name", "confirmed_by__name", "reviewed_by__name", "review")
    list_select_related = (
        "started_by",
        "confirmed_by",
        "reviewed_by",
        "consent__recipient",
        "request__requester",
        "event",
    )
