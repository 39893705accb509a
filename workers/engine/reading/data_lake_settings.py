"""Reads data lake settings, and builds the facts that are stored of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from fulfilment.observations.scope_facts import CatalogFacts
from identity.accounts.models import ConnectedCatalog
from lakeformation.drift.differences import Difference, DifferenceKind, find_version_differences
from lakeformation.planning.desired import IntentSpec
from workers.aws import account_setup
from workers.aws.errors import AwsError
from workers.aws.sessions import get_client
from workers.engine.reading.catalog import CatalogReading


def read_settings(catalog: ConnectedCatalog) -> Mapping[str, Any] | None:
    """The data lake settings, or None if AWS refuses them. A round does not fail for that."""
    account = catalog.account
    try:
        aws = get_client("lakeformation", account=account, role="observer", region=catalog.region)
        return account_setup.read_data_lake_settings(aws, account.account_id)
    except AwsError:
        return None


def build_facts(settings: Mapping[str, Any] | None, seen: CatalogReading) -> CatalogFacts:
    """Facts of the settings, if they were read, and of opt-ins."""
    opted = CatalogFacts(wide_opt_ins=seen.wide_opt_ins, conditional_opt_ins=seen.conditional_opt_ins)
    if settings is None:
        return opted
    admins = (str(one["DataLakePrincipalIdentifier"]) for one in settings.get("DataLakeAdmins", ()))
    version = _parse_version(settings)
    return replace(
        opted,
        admins=frozenset(admins),
        cross_account_version=int(version) if version.isdecimal() else None,
        opens_new_tables_to_iam=bool(settings.get("CreateTableDefaultPermissions")),
    )


def _parse_version(settings: Mapping[str, Any]) -> str:
    return str(settings.get("Parameters", {}).get("CROSS_ACCOUNT_VERSION", "1"))


def compare_version(
    settings: Mapping[str, Any] | None, wishes: Sequence[IntentSpec], now: datetime
) -> tuple[list[Difference], tuple[DifferenceKind, ...]]:
    """Differences of the cross-account version, and the kinds that could not be read."""
    if not any(wish.access.is_cross_account and wish.is_live(now) for wish in wishes):
        return [], ()
    if settings is None:
        return [], (DifferenceKind.VERSION_LOWERED,)
    return list(find_version_differences(_parse_version(settings))), ()
