"""Stored observations as atoms, and back."""

from collections.abc import Iterable
from datetime import datetime

from fulfilment.models import Observed
from identity.models import ConnectedCatalog
from lakeformation.atoms import Permission, Place
from lakeformation.columns import ColumnSet
from lakeformation.rows import Held


def place_of(catalog: ConnectedCatalog) -> Place:
    """Where the catalog's permissions are held."""
    return Place(catalog.account.account_id, catalog.region)


def held_in(catalog: ConnectedCatalog, rows: Iterable[Observed]) -> Held:
    """The rows' permissions with their columns."""
    place = place_of(catalog)
    return {
        Permission(place, row.principal_arn, row.database, row.table, row.verb, row.grantable): (
            ColumnSet.from_json(row.columns)
        )
        for row in rows
    }


def store(catalog: ConnectedCatalog, databases: Iterable[str], held: Held, *, now: datetime) -> None:
    """Make the stored rows of these databases equal to what was just read of them in full."""
    wanted = {
        (p.principal, p.database, p.table, p.verb, p.grantable): columns.to_json()
        for p, columns in held.items()
    }
    rows = Observed.objects.filter(catalog=catalog, database__in=list(databases))
    known = {(r.principal_arn, r.database, r.table, r.verb, r.grantable): r for r in rows}
    gone = [row.pk for key, row in known.items() if key not in wanted or row.columns != wanted[key]]
    if gone:
        Observed.objects.filter(pk__in=gone).delete()
    fresh = [key for key, columns in wanted.items() if key not in known or known[key].columns != columns]
    Observed.objects.bulk_create(
        [
            Observed(
                catalog=catalog,
                principal_arn=principal,
                database=database,
                table=table,
                verb=verb,
                grantable=grantable,
                columns=wanted[principal, database, table, verb, grantable],
                seen_at=now,
            )
            for principal, database, table, verb, grantable in fresh
        ],
        ignore_conflicts=True,
    )
