"""What rows tell of a table and of who asks for it: the mirror, what was observed, and when it was read."""

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Table
from fulfilment.actions import catalog_scope_key, share_scope_key
from fulfilment.models import Observed, ObservedFilter, ObservedOptIn, ScopeReading
from fulfilment.observed import filters_in, held_in, place_of
from fulfilment.preview import is_in_hybrid_mode
from fulfilment.scope_readings import CatalogFacts, ShareFacts
from identity.models import ConnectedCatalog
from lakeformation.atoms import ALL_TABLES, OptIn
from lakeformation.ways import Book, Facts
from lakeformation.why import Asked, Source


@dataclass(frozen=True)
class Read:
    """When something was read, and by which reading: `number` counts those of its scope, 0 for the mirror."""

    at: datetime
    number: int = 0


@dataclass(frozen=True)
class Known:
    """`read` has the readings that were made of what the facts are about."""

    facts: Facts
    read: dict[Source, Read]


def known_of(table: Table, principal: str) -> Known:
    """Of a table and a principal's ARN. Seven queries."""
    catalog, account = table.database.catalog, principal.split(":")[4]
    readings = _readings(catalog, account)
    of_catalog, of_share = readings.get(Source.CATALOG), readings.get(Source.SHARE)
    place, told = place_of(catalog), CatalogFacts()
    if of_catalog:
        told = CatalogFacts.from_json(of_catalog.facts)
    names = [(column.name.lower(), column) for column in table.columns.all()]
    facts = Facts(
        columns=tuple(name for name, column in names if not column.is_partition_key),
        keys=tuple(name for name, column in names if column.is_partition_key),
        tags={name: column.tags for name, column in names},
        own=_book(catalog, table) if of_catalog else None,
        is_hybrid=_is_hybrid(catalog, table),
        opt_ins=_opt_ins(table, principal) | told.opt_ins,
        admins=told.admins,
        delivered=ShareFacts.from_json(of_share.facts).delivers(place) if of_share else None,
    )
    read = {source: Read(one.read_at, one.epoch) for source, one in readings.items()}
    return Known(facts, {**read, Source.MIRROR: Read(table.mirrored_at)})


def asked_of(table: Table, principal: str, column: str) -> Asked:
    """The question in the words of Lake Formation."""
    place = place_of(table.database.catalog)
    return Asked(principal, place, table.database.name, table.name, column.lower())


def _readings(catalog: ConnectedCatalog, account: str) -> dict[Source, ScopeReading]:
    keys = {catalog_scope_key(catalog.pk): Source.CATALOG, share_scope_key(catalog.pk, account): Source.SHARE}
    rows = ScopeReading.objects.filter(scope__key__in=keys).select_related("scope")
    return {keys[row.scope.key]: row for row in rows}


def _book(catalog: ConnectedCatalog, table: Table) -> Book:
    """Permissions by LF-Tags are kept without a database."""
    rows = Observed.objects.filter(
        catalog=catalog, database__in=[table.database.name, ""], table__in=["", ALL_TABLES, table.name]
    )
    filters = ObservedFilter.objects.filter(catalog=catalog, database=table.database.name, table=table.name)
    made = {one.key: one for one in filters_in(catalog, filters)}
    return Book(held_in(catalog, rows), made)


def _opt_ins(table: Table, principal: str) -> frozenset[OptIn]:
    on = OptIn(place_of(table.database.catalog), principal, table.database.name, table.name)
    rows = ObservedOptIn.objects.filter(
        catalog=table.database.catalog, principal_arn=principal, database=on.database, table=on.table
    )
    return frozenset({on}) if rows.exists() else frozenset()


def _is_hybrid(catalog: ConnectedCatalog, table: Table) -> bool:
    path = table.location.removeprefix("s3://").rstrip("/")
    return path != table.location.rstrip("/") and is_in_hybrid_mode(catalog, f"arn:aws:s3:::{path}")
