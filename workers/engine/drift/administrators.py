"""Finds data lake administrators that were added since the catalog was first read."""

from dataclasses import dataclass

from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import CatalogFacts
from lakeformation.drift.differences import Difference, DifferenceKind, find_administrator_differences
from workers.engine.claim import Lease


@dataclass(frozen=True)
class AdministratorChanges:
    """`first_admins` are those of the first reading; `unread_kinds` could not be read, so their findings stay open."""

    first_admins: frozenset[str] | None
    differences: tuple[Difference, ...] = ()
    unread_kinds: tuple[DifferenceKind, ...] = ()


def compare_administrators(lease: Lease, admins: frozenset[str] | None) -> AdministratorChanges:
    """`admins` are those of this reading, None where AWS did not tell them. The account's own roles of the portal, of
    which an executor may have to be one, are no finding.
    """
    row = ScopeReading.objects.filter(scope=lease.scope).first()
    first = CatalogFacts.from_json(row.facts).first_admins if row else None
    if admins is None:
        return AdministratorChanges(first, unread_kinds=(DifferenceKind.ADMINISTRATOR_ADDED,))
    if first is None:
        return AdministratorChanges(admins)
    account = lease.scope.catalog.account
    ours = {account.observer_role_arn, account.executor_role_arn}
    return AdministratorChanges(first, tuple(find_administrator_differences(admins - first - ours)))
