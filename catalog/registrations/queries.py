"""Registrations that a person may see, and what is proven of them."""

from collections.abc import Collection

from django.db.models import QuerySet

from catalog.registrations.may import visible_registrations
from catalog.registrations.models import Registration
from catalog.registrations.states import RegistrationStatus
from decisions.states import STATE_WORDS, DecisionState
from fulfilment.intents.models import Intent
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel.errors import NotFoundError

_RELATED = (
    "catalog__account", "domain__owner_team", "producer", "engineer__account", "requested_by", "exception_by",
    "decided_by", "ended_by", "table_intent", "write_intent",
)  # fmt: skip


def list_registrations(person: Person) -> QuerySet[Registration]:
    """Newest first, with all that a list shows."""
    return visible_registrations(person).select_related(*_RELATED).order_by("-pk")


def get_registration(person: Person, pk: int) -> Registration:
    """NotFoundError for whoever may not see it."""
    found = list_registrations(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def get_status(registration: Registration) -> RegistrationStatus:
    """By what is proven of both intents at their present generation. No query after `list_registrations`."""
    intents = [one for one in (registration.table_intent, registration.write_intent) if one is not None]
    if not intents:
        return RegistrationStatus(STATE_WORDS.get(registration.state, registration.state))
    is_ended = registration.state == DecisionState.ENDED
    presence = Intent.Presence.ABSENT if is_ended else Intent.Presence.PRESENT
    if all(intent.presence == presence and intent.is_proven for intent in intents):
        return RegistrationStatus.ENDED if is_ended else RegistrationStatus.REGISTERED
    if any(intent.has_failed for intent in intents):
        return RegistrationStatus.FAILED
    return RegistrationStatus.ENDING if is_ended else RegistrationStatus.REGISTERING


def list_problems(registration: Registration) -> list[str]:
    """What the workers say about why it is not proven."""
    intents = (registration.table_intent, registration.write_intent)
    return [intent.failure for intent in intents if intent is not None and intent.failure]


def list_database_registrations(catalog: ConnectedCatalog, names: Collection[str]) -> dict[str, Registration]:
    """By name of the database, the approved registration that was decided first."""
    rows = Registration.objects.filter(
        catalog=catalog, database__in=names, state=DecisionState.APPROVED, decided_at__isnull=False
    )
    rows = rows.select_related("domain").order_by("-decided_at", "-pk")
    return {row.database: row for row in rows}
