"""What a reading of a catalog shows beyond our intents."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q

from fulfilment.intents.models import Intent
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, of_surplus, unjustified
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation
from lakeformation.planning.desired import Wish
from lakeformation.values.permissions import Held
from workers.engine.intents import SETTLED, wish_of
from workers.engine.reading.catalog import CatalogReading


def unmanaged_in(catalog: ConnectedCatalog, seen: CatalogReading, wishes: Sequence[Wish]) -> Held:
    """What no intent accounts for. `wishes` are of the catalog's intents that nobody ended."""
    return unjustified(seen.held, [*wishes, *_ending_or_landing(catalog)])


def surplus_of(
    catalog: ConnectedCatalog, extra: Held, seen: CatalogReading, wishes: Sequence[Wish], now: datetime
) -> list[Difference]:
    """Of these unmanaged permissions, those that concern us."""
    if not extra:
        return []
    live = [wish for wish in wishes if wish.is_live(now)]
    found = of_surplus(extra, live, _over(catalog, extra), _hybrid(extra, live, seen))
    return list(found)


def _ending_or_landing(catalog: ConnectedCatalog) -> list[Wish]:
    """What intents that have ended or are stale still hold until that is proven gone; and grants on links here."""
    over = Q(ended_at__isnull=False) | Q(presence=Intent.Presence.STALE)
    landing = Q(wanted__consumer=catalog.account.account_id, wanted__consumer_region=catalog.region)
    of_share = Q(kind=Intent.Kind.GRANT) & (Q(scope_key__startswith=f"share:{catalog.pk}:") & over | landing)
    intents = Intent.objects.filter(of_share).exclude(presence__in=SETTLED, proven_generation=F("generation"))
    return [wish_of(intent) for intent in intents]


def _over(catalog: ConnectedCatalog, extra: Held) -> list[Wish]:
    """What the holders were given once, and what was proven gone."""
    intents = Intent.objects.filter(
        scope_key__startswith=f"share:{catalog.pk}:",
        wanted__principal_arn__in={permission.principal for permission in extra},
        presence__in=SETTLED,
        proven_generation=F("generation"),
    )
    return [wish_of(intent) for intent in intents]


def _hybrid(extra: Held, live: Sequence[Wish], seen: CatalogReading) -> dict[int, bool]:
    """By intent, whether its data lie in hybrid access mode: of interest only where IAM holds anything."""
    if not any(permission.principal == IAM_ALLOWED_PRINCIPALS for permission in extra):
        return {}
    locations = Observation(locations=frozenset(seen.locations), hybrid=seen.hybrid)
    return {wish.intent: locations.is_hybrid(wish.access) for wish in live}
