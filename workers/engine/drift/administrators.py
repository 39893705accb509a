"""Tells which data lake administrators a catalog's account has gained since the catalog was first read."""

from dataclasses import dataclass

from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import CatalogFacts
from lakeformation.drift.differences import Difference, Kind, of_administrators
from workers.engine.claim import Lease


@dataclass(frozen=True)
class Administrators:
    """`first` are those of the first reading; `unread` are the kinds that could not be told: what was found stays open."""

    first: frozenset[str] | None
    found: tuple[Difference, ...] = ()
    unread: tuple[Kind, ...] = ()


def administrators_of(lease: Lease, admins: frozenset[str] | None) -> Administrators:
    """`admins` are those of this reading, None where AWS did not tell them. The account's own roles of the portal, of
    which an executor may have to be one, are no finding.
    """
    row = ScopeReading.objects.filter(scope=lease.scope).first()
    first = CatalogFacts.from_json(row.facts).first_admins if row else None
    if admins is None:
        return Administrators(first, unread=(Kind.ADMINISTRATOR_ADDED,))
    if first is None:
        return Administrators(admins)
    account = lease.scope.catalog.account
    ours = {account.observer_role_arn, account.executor_role_arn}
    return Administrators(first, tuple(of_administrators(admins - first - ours)))
