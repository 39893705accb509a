"""What a reading of a catalog shows beyond our intents, and whether its settings still carry what is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from fulfilment.intents.models import Intent
from fulfilment.observations.scope_facts import CatalogFacts
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, Kind, of_surplus, of_version, unjustified
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS, Observation
from lakeformation.planning.desired import Wish
from lakeformation.values.permissions import Held
from workers.aws import setup
from workers.aws.errors import AwsError
from workers.aws.sessions import client
from workers.catalog_reading import CatalogReading
from workers.wishes import SETTLED, wish_of


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


def settings_of(catalog: ConnectedCatalog) -> Mapping[str, Any] | None:
    """The data lake's settings, or None where AWS does not tell them: no reading fails for their sake."""
    account = catalog.account
    try:
        aws = client("lakeformation", account=account, role="observer", region=catalog.region)
        return setup.settings(aws, account.account_id)
    except AwsError:
        return None


def facts_in(settings: Mapping[str, Any] | None, seen: CatalogReading) -> CatalogFacts:
    """What is kept of the settings, where they were told, and of the opt-ins."""
    opted = CatalogFacts(opt_ins=seen.wide_opt_ins, conditional_opt_ins=seen.conditional_opt_ins)
    if settings is None:
        return opted
    admins = (str(one["DataLakePrincipalIdentifier"]) for one in settings.get("DataLakeAdmins", ()))
    version = _version(settings)
    return replace(
        opted,
        admins=frozenset(admins),
        version=int(version) if version.isdecimal() else None,
        opens_new_tables=bool(settings.get("CreateTableDefaultPermissions")),
    )


def _version(settings: Mapping[str, Any]) -> str:
    return str(settings.get("Parameters", {}).get("CROSS_ACCOUNT_VERSION", "1"))


def version_of(
    settings: Mapping[str, Any] | None, wishes: Sequence[Wish], now: datetime
) -> tuple[list[Difference], tuple[Kind, ...]]:
    """Whether the cross-account version suits what is shared; and the kinds that could not be told."""
    if not any(wish.access.is_shared and wish.is_live(now) for wish in wishes):
        return [], ()
    if settings is None:
        return [], (Kind.VERSION_LOWERED,)
    return list(of_version(_version(settings))), ()
