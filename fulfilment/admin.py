"""The engine's rows, to be looked at; valves, to be closed by a person."""

from django.contrib import admin

from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from fulfilment import models


@admin.register(models.Intent)
class IntentAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "kind",
        "scope_key",
        "subject",
        "presence",
        "usable",
        "seen_at",
        "expires_at",
        "ended_at",
    )
    list_filter = ("kind", "presence", "usable")
    search_fields = ("scope_key", "subject")


@admin.register(models.Valve)
class ValveAdmin(AuditedAdmin):
    list_display = ("__str__", "closed", "most_removed", "always_removed", "reason")


WATCHED = (
    models.Justification,
    models.Scope,
    models.ScopeReading,
    models.Wake,
    models.Silence,
    models.Round,
    models.Step,
    models.Entry,
    models.InFlight,
    models.Observed,
    models.ObservedFilter,
    models.ObservedOptIn,
    models.RegisteredLocation,
    models.Bucket,
    models.CallCount,
    models.Finding,
    models.Hold,
    models.Removal,
    models.RoleQuery,
    models.PartHealth,
    models.Refusal,
)
admin.site.register(WATCHED, ReadOnlyAdmin)
