"""Schema updates that a person may see, and registrations whose tables are compared with their source."""

from typing import Any

from django.db.models import CharField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.expressions import Combinable

from catalog.mirror.models import Table
from catalog.registrations.models import Registration
from catalog.registrations.schema_updates.may import visible_schema_updates
from catalog.registrations.schema_updates.models import SchemaUpdate
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog
from identity.people.models import Person

REGISTRATION_RELATED = ("catalog__account", "domain__owner_team", "producer", "engineer__account")
RELATED = (
    "registration__catalog__account", "registration__domain__owner_team", "registration__producer",
    "registration__engineer__account", "registration__table_intent", "source__database__catalog", "decided_by",
    "table_intent",
)  # fmt: skip


def list_schema_updates(person: Person) -> QuerySet[SchemaUpdate]:
    """Newest first, with all that a page shows."""
    return visible_schema_updates(person).select_related(*RELATED).order_by("-pk")


def get_current_columns(registration: Registration) -> list[dict[str, str]]:
    """What was last approved for the table."""
    last = registration.schema_updates.filter(state=DecisionState.APPROVED).order_by("-pk").first()
    columns: list[dict[str, str]] = last.columns if last else registration.columns
    return columns


def get_current_storage(registration: Registration) -> dict[str, Any]:
    """What was last approved for the table; empty where no source has said it."""
    rows = registration.schema_updates.filter(state=DecisionState.APPROVED).exclude(storage={})
    last = rows.order_by("-pk").first()
    storage: dict[str, Any] = last.storage if last else registration.storage
    return storage


def list_changed_registrations() -> QuerySet[Registration]:
    """Lists registrations whose producer's table has changed since it was compared. Only where the registered table is proven as it was
    last approved; others wait until it is.
    """
    sources = Table.objects.alias(place=_strip_slashes(F("location"))).filter(
        database__catalog__kind=ConnectedCatalog.Kind.PRODUCER,
        database__catalog__account=OuterRef("producer"),
        database__tombstoned_at=None,
        tombstoned_at=None,
        place=_strip_slashes(OuterRef("location")),
    )
    rows = Registration.objects.filter(
        Exists(sources.exclude(digest=OuterRef("source_digest"))),
        state=DecisionState.APPROVED,
        table_intent__presence=Intent.Presence.PRESENT,
        table_intent__proven_generation=F("table_intent__generation"),
    )
    return rows.select_related(*REGISTRATION_RELATED).order_by("pk")


def find_governance_table(registration: Registration) -> Table | None:
    """The mirrored row of the registered table; None until it was read."""
    rows = Table.objects.filter(
        database__catalog=registration.catalog_id,
        database__name=registration.database,
        database__tombstoned_at=None,
        name=registration.table,
        tombstoned_at=None,
    )
    return rows.select_related("database").first()


def _strip_slashes(location: Combinable) -> Func:
    """Strips the slashes at the end of an S3 URI."""
    return Func(location, Value("/"), function="RTRIM", output_field=CharField())
