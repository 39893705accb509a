"""The display states of observed permissions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fulfilment.intents.actions import catalog_scope_key
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ReadingTimes
from fulfilment.permissions.catalog_permissions import CatalogPermission
from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from identity.accounts import ConnectedCatalog
from lakeformation.drift import DifferenceKind
from lakeformation.values.permissions import Permission
from requests_app.display_states.rules import PermissionFacts, get_permission_state
from requests_app.display_states.vocabulary import DisplayState

PROOF_FIELDS = ("pk", "presence", "generation", "proven_generation", "seen_at", "failure")


def get_permission_states(
    catalog: ConnectedCatalog,
    lines: Sequence[CatalogPermission],
    removals: Mapping[int, PermissionRemoval],
    *,
    is_reading_old: bool,
) -> dict[str, DisplayState]:
    """By the line's key. `removals` are those that are ordered and not proven, by intent. Two queries."""
    wanted = {pk for line in lines for pk in line.intents}
    intents = {intent.pk: intent for intent in Intent.objects.filter(pk__in=wanted).only(*PROOF_FIELDS)}
    # Permissions held outside that somebody marked as known.
    rows = DriftFinding.objects.filter(
        catalog=catalog,
        gone_at=None,
        known_at__isnull=False,
        kind__in=[DifferenceKind.SURPLUS_FOREIGN, DifferenceKind.SURPLUS_OURS],
    )
    known = frozenset(Permission.from_json(row.atom) for row in rows if row.atom)
    return {
        line.key: get_permission_state(
            PermissionFacts(
                status=line.status.value,
                is_reading_old=is_reading_old,
                is_acknowledged=line.permission in known,
                was_proven=any(_was_proven(intent) for intent in _iterate_intents(line, intents)),
                is_proven=any(_is_present(intent) for intent in _iterate_intents(line, intents)),
                is_being_removed=any(pk in removals for pk in line.intents),
                is_justified=not any(intent.is_unjustified for intent in _iterate_intents(line, intents)),
            )
        )
        for line in lines
    }


def get_reading_time(catalog: ConnectedCatalog) -> datetime | None:
    """When the catalog's permissions were last read in full; None: never. One query."""
    key = catalog_scope_key(catalog.pk)
    return ReadingTimes([key]).get(key)


def _iterate_intents(line: CatalogPermission, intents: Mapping[int, Intent]) -> Iterable[Intent]:
    return (intents[pk] for pk in line.intents if pk in intents)


def _is_present(intent: Intent) -> bool:
    return intent.is_proven and intent.presence == Intent.Presence.PRESENT


def _was_proven(intent: Intent) -> bool:
    """As it is wanted now, or until a difference was found."""
    is_doubted = intent.presence == Intent.Presence.UNKNOWN and intent.seen_at is not None
    return _is_present(intent) or is_doubted
