"""The comparison that a registration's page shows, and registrations that have none yet."""

from django.db.models import Exists, F, OuterRef, QuerySet

from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.models import Registration
from decisions.states import DecisionState
from fulfilment.intents.models import Intent


def list_uncompared_registrations() -> QuerySet[Registration]:
    """Registered ones of whose table, as it was last approved, no comparison was requested. Oldest decision first."""
    compared = RowComparison.objects.filter(table_intent=OuterRef("table_intent"))
    return list_registered().exclude(Exists(compared)).order_by("decided_at")


def list_registered() -> QuerySet[Registration]:
    """Lists registrations whose table and whose engineers' access are proven as they were approved."""
    return Registration.objects.filter(
        state=DecisionState.APPROVED,
        table_intent__presence=Intent.Presence.PRESENT,
        table_intent__proven_generation=F("table_intent__generation"),
        write_intent__presence=Intent.Presence.PRESENT,
        write_intent__proven_generation=F("write_intent__generation"),
    )


def find_last_comparison(registration: Registration) -> RowComparison | None:
    rows = registration.comparisons.select_related("source", "requested_by").order_by("-pk")
    return rows.first()


def is_outdated(comparison: RowComparison, registration: Registration) -> bool:
    """Whether the registered table or its source has changed since."""
    source = comparison.source
    has_source_changed = source is not None and source.digest != comparison.source_digest
    return has_source_changed or comparison.table_intent_id != registration.table_intent_id
