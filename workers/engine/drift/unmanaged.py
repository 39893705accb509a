"""Finds permissions that no intent justifies."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q

from fulfilment.intents.models import Intent
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, find_surplus, find_unjustified
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.permissions import HeldPermissions
from workers.engine.intents import SETTLED_PRESENCES, build_intent_spec
from workers.engine.reading.catalog import CatalogReading


def find_unmanaged(
    catalog: ConnectedCatalog, seen: CatalogReading, wishes: Sequence[IntentSpec]
) -> HeldPermissions:
    """Permissions that no intent justifies. `wishes` are the specs of the catalog's live intents."""
    # What intents that have ended or are stale still hold until that is proven gone; and permissions on links
    # here.
    over = Q(ended_at__isnull=False) | Q(presence=Intent.Presence.STALE)
    landing = Q(wanted__consumer=catalog.account.account_id, wanted__consumer_region=catalog.region)
    of_share = Q(kind__in=[Intent.Kind.GRANT, Intent.Kind.WRITE]) & (
        Q(scope_key__startswith=f"share:{catalog.pk}:") & over | landing
    )
    intents = Intent.objects.filter(of_share).exclude(
        presence__in=SETTLED_PRESENCES, proven_generation=F("generation")
    )
    return find_unjustified(seen.held, [*wishes, *(build_intent_spec(intent) for intent in intents)])


def find_catalog_surplus(
    catalog: ConnectedCatalog,
    extra: HeldPermissions,
    seen: CatalogReading,
    wishes: Sequence[IntentSpec],
    now: datetime,
) -> list[Difference]:
    """Unmanaged permissions on tables or principals of our grants."""
    if not extra:
        return []
    live = [wish for wish in wishes if wish.is_live(now)]
    intents = Intent.objects.filter(
        scope_key__startswith=f"share:{catalog.pk}:",
        wanted__principal_arn__in={permission.principal for permission in extra},
        presence__in=SETTLED_PRESENCES,
        proven_generation=F("generation"),
    )
    found = find_surplus(
        extra,
        live,
        [build_intent_spec(intent) for intent in intents],
        _find_hybrid_intents(extra, live, seen),
    )
    return list(found)


def _find_hybrid_intents(
    extra: HeldPermissions, live: Sequence[IntentSpec], seen: CatalogReading
) -> dict[int, bool]:
    """By intent, whether its data lie in hybrid access mode: of interest only where IAM holds anything."""
    if not any(permission.principal == IAM_ALLOWED_PRINCIPALS for permission in extra):
        return {}
    locations = Observation(locations=frozenset(seen.locations), hybrid_locations=seen.hybrid_locations)
    return {wish.intent_id: locations.is_hybrid(wish.access) for wish in live}
