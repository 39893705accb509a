"""What an account passed on outside the portal: shown, never changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import ShareFacts
from identity.accounts import Account
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import SELECT, Permission
from lakeformation.values.wording import describe_cells_filter, describe_columns, describe_permission


@dataclass(frozen=True)
class UnmanagedSubgrant:
    """A permission that somebody in the account gave by hand: `description` names it, `principal` has it."""

    principal: str
    description: str
    read_at: datetime


def list_unmanaged_subgrants(account: Account) -> list[UnmanagedSubgrant]:
    """By who holds it, of every catalog that the account was given something of. Two queries."""
    # What intents give, and what ended ones still hold until that is proven gone.
    settled = (Intent.Presence.ABSENT, Intent.Presence.STALE)
    intents = Intent.objects.filter(wanted__consumer=account.account_id, wanted__has_key="account_grant")
    ours: dict[Permission, ColumnSet] = {}
    for intent in intents.exclude(presence__in=settled, proven_generation=F("generation")):
        for permission, columns in intent.access.permissions:
            ours[permission] = ours.get(permission, NO_COLUMNS) | columns
    readings = ScopeReading.objects.filter(scope__consumer=account)
    return sorted(
        (one for reading in readings for one in _iterate_unmanaged(reading, ours)),
        key=lambda one: (one.principal, one.description),
    )


def _iterate_unmanaged(
    reading: ScopeReading, ours: dict[Permission, ColumnSet]
) -> Iterator[UnmanagedSubgrant]:
    held = ShareFacts.from_json(reading.facts).passed_on_permissions or {}
    for permission, columns in held.items():
        if extra := columns - ours.get(permission, NO_COLUMNS):
            yield UnmanagedSubgrant(
                permission.principal, _describe_permission(permission, extra), reading.read_at
            )


def _describe_permission(permission: Permission, columns: ColumnSet) -> str:
    if permission.cells_filter:
        return describe_permission(
            permission.verb, permission.resource, describe_cells_filter(permission.cells_filter)
        )
    is_cut = permission.verb == SELECT and permission.table
    return describe_permission(
        permission.verb, permission.resource, describe_columns(columns) if is_cut else ""
    )
