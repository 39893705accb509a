"""Reads a catalog's data lake settings, and tells what is kept of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fulfilment.observations.scope_facts import CatalogFacts
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, Kind, of_version
from lakeformation.planning.desired import Wish
from workers.aws import account_setup
from workers.aws.errors import AwsError
from workers.aws.sessions import client
from workers.engine.reading.catalog import CatalogReading


def settings_of(catalog: ConnectedCatalog) -> Mapping[str, Any] | None:
    """The data lake's settings, or None where AWS does not tell them: no reading fails for their sake."""
    account = catalog.account
    try:
        aws = client("lakeformation", account=account, role="observer", region=catalog.region)
        return account_setup.settings(aws, account.account_id)
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
