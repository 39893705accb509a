"""Admin pages: the engine's rows, read only, and valves."""

from django.contrib import admin

from audit.admin_bases import AuditedAdmin, ReadOnlyAdmin
from fulfilment.background import models as background_models
from fulfilment.health import models as health_models
from fulfilment.holds import models as holds_models
from fulfilment.intents import models
from fulfilment.observations import models as observations_models
from fulfilment.permissions import models as permission_models
from fulfilment.role_queries import models as role_queries_models
from fulfilment.rounds import models as rounds_models


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


@admin.register(holds_models.Valve)
class ValveAdmin(AuditedAdmin):
    list_display = ("__str__", "closed", "most_removed", "always_removed", "reason")


READ_ONLY_MODELS = (
    models.Justification,
    rounds_models.Scope,
    observations_models.ScopeReading,
    models.Wake,
    rounds_models.AccountOutage,
    rounds_models.Round,
    rounds_models.Step,
    rounds_models.StepEntry,
    rounds_models.WriteInFlight,
    observations_models.ObservedPermission,
    observations_models.ObservedCellsFilter,
    observations_models.ObservedOptIn,
    observations_models.RegisteredLocation,
    rounds_models.RateLimitBucket,
    health_models.CallCount,
    health_models.CallTotal,
    health_models.RoundTotal,
    permission_models.DriftFinding,
    holds_models.Hold,
    permission_models.PermissionRemoval,
    role_queries_models.TestQuery,
    background_models.TaskHealth,
    background_models.QueuedTask,
    background_models.WorkerProcess,
    background_models.DispatchLease,
    background_models.TaskFailure,
    background_models.TaskCount,
    rounds_models.Refusal,
)
admin.site.register(READ_ONLY_MODELS, ReadOnlyAdmin)
