"""Writes databases of the mirror, and tombstones what vanished."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.mirror.models import Database, Table
from catalog.mirror.snapshot import DatabaseSnapshot
from catalog.products.models import Domain
from catalog.registrations.models import Registration
from catalog.registrations.queries import list_database_registrations
from identity.accounts import ConnectedCatalog


def store_database(
    catalog: ConnectedCatalog, snapshot: DatabaseSnapshot, now: datetime
) -> tuple[Database, bool]:
    """`store_databases` of one."""
    return store_databases(catalog, [snapshot], now)[0]


def store_databases(
    catalog: ConnectedCatalog, snapshots: Sequence[DatabaseSnapshot], now: datetime
) -> list[tuple[Database, bool]]:
    """The live row of each database, made or altered where it differs; and whether anything was written.

    One made anew under its name is another row; the domain, which is the portal's knowledge, goes with it. One that was
    created in AWS after a registration in it was approved belongs to the registration's domain.
    """
    names = [each.name for each in snapshots]
    rows = _read_live_rows(catalog, names)
    new = {each.name: each for each in reversed(snapshots) if each.name not in rows}
    rows |= _create_databases(catalog, list(new.values()))
    found = []
    for each in snapshots:
        differs = rows[each.name].digest != each.digest
        rows[each.name] = _update_or_replace(rows[each.name], each, now) if differs else rows[each.name]
        found.append((rows[each.name], differs or new.get(each.name) is each))
    return found


def _read_live_rows(catalog: ConnectedCatalog, names: Collection[str]) -> dict[str, Database]:
    live = Database.objects.filter(catalog=catalog, name__in=list(names), tombstoned_at=None)
    return {row.name: row for row in live}


def _create_databases(
    catalog: ConnectedCatalog, snapshots: Sequence[DatabaseSnapshot]
) -> dict[str, Database]:
    if not snapshots:
        return {}
    approved = list_database_registrations(catalog, [each.name for each in snapshots])
    made = [
        Database(
            catalog=catalog, domain=_find_domain(each, approved.get(each.name)), **_database_values(each)
        )
        for each in snapshots
    ]
    return _insert_rows(catalog, made)


def _insert_rows(catalog: ConnectedCatalog, made: Sequence[Database]) -> dict[str, Database]:
    """The live rows of these names: a sync and the reading of an event may find the same new database at once."""
    rows: dict[str, Database] = {}
    while missing := [one for one in made if one.name not in rows]:
        Database.objects.bulk_create(missing, ignore_conflicts=True)
        rows = _read_live_rows(catalog, [one.name for one in made])
    return rows


def _find_domain(snapshot: DatabaseSnapshot, registration: Registration | None) -> Domain | None:
    """Of the registration, if it was approved before the database was created. Glue reports whole seconds."""
    if registration is None or registration.decided_at is None or not snapshot.glue_created_at:
        return None
    is_new = datetime.fromisoformat(snapshot.glue_created_at) >= registration.decided_at.replace(
        microsecond=0
    )
    return registration.domain if is_new else None


def _database_values(snapshot: DatabaseSnapshot) -> dict[str, Any]:
    return {**vars(snapshot), "digest": snapshot.digest, "flags": list(snapshot.flags)}


def _update_or_replace(row: Database, snapshot: DatabaseSnapshot, now: datetime) -> Database:
    with transaction.atomic():
        if row.glue_created_at == snapshot.glue_created_at:
            Database.objects.filter(pk=row.pk).update(**_database_values(snapshot))
            row.refresh_from_db()
            return row
        _tombstone_databases([row.pk], now)
        anew = Database(catalog=row.catalog, domain=row.domain, **_database_values(snapshot))
        return _insert_rows(row.catalog, [anew])[row.name]


def list_vanished_databases(catalog: ConnectedCatalog, kept: Collection[str], *, only: str = "") -> list[int]:
    """The live databases, or `only` the one of this name, that a complete list did not name."""
    live = Database.objects.filter(catalog=catalog, tombstoned_at=None)
    live = live.filter(name=only) if only else live
    return list(live.exclude(name__in=list(kept)).order_by("pk").values_list("pk", flat=True))


def list_live_table_ids(databases: Collection[int]) -> list[int]:
    """The live tables of these databases."""
    rows = Table.objects.filter(database__in=list(databases), tombstoned_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def tombstone_rows(tables: Collection[int], databases: Collection[int], now: datetime) -> int:
    """Tombstone these tables and databases, with all that the databases still hold; returns rows."""
    if not tables and not databases:
        return 0
    with transaction.atomic():
        rows = Table.objects.filter(pk__in=list(tables), tombstoned_at=None).update(tombstoned_at=now)
        return rows + _tombstone_databases(list(databases), now)


def _tombstone_databases(databases: list[int], now: datetime) -> int:
    tables = Table.objects.filter(database__in=databases, tombstoned_at=None).update(tombstoned_at=now)
    live = Database.objects.filter(pk__in=databases, tombstoned_at=None)
    return tables + live.update(tombstoned_at=now)
