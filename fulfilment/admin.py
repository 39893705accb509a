"""The engine's rows, to be looked at; valves, to be closed by a person."""

from django.contrib import admin

from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from fulfilment import (
    calls,
    findings,
    holds,
    justifications,
    models,
    observations,
    part_health,
    refusals,
    role_queries,
    scope_readings,
)


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


@admin.register(holds.Valve)
class ValveAdmin(AuditedAdmin):
    list_display = ("__str__", "closed", "most_removed", "always_removed", "reason")


WATCHED = (
    justifications.Justification,
    models.Scope,
    scope_readings.ScopeReading,
    models.Wake,
    models.Silence,
    models.Round,
    models.Step,
    models.Entry,
    models.InFlight,
    observations.Observed,
    observations.ObservedFilter,
    observations.ObservedOptIn,
    observations.RegisteredLocation,
    models.Bucket,
    calls.CallCount,
    findings.Finding,
    holds.Hold,
    findings.Removal,
    role_queries.RoleQuery,
    part_health.PartHealth,
    refusals.Refusal,
)
admin.site.register(WATCHED, ReadOnlyAdmin)
