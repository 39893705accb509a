"""Write one reading of Glue into the mirror: only what differs, in one transaction a database.

Rows are never deleted but columns: what vanished, or was made anew under its name, is kept as a tombstone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.index import index_tables
from catalog.models import Column, Database, Table
from catalog.snapshot import DatabaseSnapshot, TableSnapshot
from identity.models import ConnectedCatalog

BATCH = 500


@dataclass
class Changes:
    """How many rows were written (`changed`: made or altered) and how many were tombstoned."""

    changed: int = 0
    tombstoned: int = 0

    def add(self, other: "Changes") -> None:
        self.changed += other.changed
        self.tombstoned += other.tombstoned


@dataclass
class _Difference:
    new: list[TableSnapshot] = field(default_factory=list)
    altered: list[tuple[int, TableSnapshot]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def store_database(catalog: ConnectedCatalog, snapshot: DatabaseSnapshot, now: datetime) -> bool:
    """Make or alter the live row of a database; says whether anything was written.

    One made anew under its name is another row; the domain, which is the portal's knowledge, goes with it.
    """
    row = Database.objects.filter(catalog=catalog, name=snapshot.name, tombstoned_at=None).first()
    if row and row.digest == snapshot.digest:
        return False
    values: dict[str, Any] = {**vars(snapshot), "digest": snapshot.digest}
    with transaction.atomic():
        if row and row.glue_created_at == snapshot.glue_created_at:
            Database.objects.filter(pk=row.pk).update(**values)
            return True
        if row:
            _tombstone([row.pk], now)
        Database.objects.create(catalog=catalog, domain=row.domain if row else None, **values)
    return True


def store_tables(
    catalog: ConnectedCatalog, database: str, snapshots: Iterable[TableSnapshot], now: datetime
) -> Changes:
    """Bring the tables of one database to a complete reading of them."""
    parent = Database.objects.get(catalog=catalog, name=database, tombstoned_at=None)
    difference = _compare(parent, {snapshot.name: snapshot for snapshot in snapshots})
    changes = Changes(len(difference.new) + len(difference.altered), len(difference.gone))
    if not changes.changed and not changes.tombstoned:
        return changes
    with transaction.atomic():
        Table.objects.filter(pk__in=difference.gone).update(tombstoned_at=now)
        written = [*_insert(parent, difference.new, now), *_alter(difference.altered, now)]
        _store_columns(written)
        index_tables([pk for pk, _ in written])
    return changes


def tombstone_databases(catalog: ConnectedCatalog, kept: Collection[str], now: datetime) -> int:
    """Tombstone every live database that a complete reading did not name, with its tables; returns rows."""
    gone = Database.objects.filter(catalog=catalog, tombstoned_at=None).exclude(name__in=kept)
    ids = list(gone.values_list("pk", flat=True))
    with transaction.atomic():
        return _tombstone(ids, now) if ids else 0


def _tombstone(databases: list[int], now: datetime) -> int:
    tables = Table.objects.filter(database__in=databases, tombstoned_at=None).update(tombstoned_at=now)
    return tables + Database.objects.filter(pk__in=databases).update(tombstoned_at=now)


def _compare(parent: Database, read: dict[str, TableSnapshot]) -> _Difference:
    found = _Difference()
    stored = Table.objects.filter(database=parent, tombstoned_at=None)
    known = {row[0]: row[1:] for row in stored.values_list("name", "pk", "digest", "glue_created_at")}
    for name, snapshot in read.items():
        pk, digest, created = known.pop(name, (0, "", ""))
        if pk and created == snapshot.glue_created_at:
            if digest != snapshot.digest:
                found.altered.append((pk, snapshot))
            continue
        if pk:
            found.gone.append(pk)
        found.new.append(snapshot)
    found.gone += [row[0] for row in known.values()]
    return found


def _values(snapshot: TableSnapshot, now: datetime) -> dict[str, Any]:
    values = {name: value for name, value in vars(snapshot).items() if name != "columns"}
    return {**values, "digest": snapshot.digest, "mirrored_at": now}


def _insert(
    parent: Database, snapshots: list[TableSnapshot], now: datetime
) -> list[tuple[int, TableSnapshot]]:
    rows = [Table(database=parent, **_values(snapshot, now)) for snapshot in snapshots]
    made = Table.objects.bulk_create(rows, batch_size=BATCH)
    return [(row.pk, snapshot) for row, snapshot in zip(made, snapshots, strict=True)]


def _alter(altered: list[tuple[int, TableSnapshot]], now: datetime) -> list[tuple[int, TableSnapshot]]:
    rows = [Table(pk=pk, **_values(snapshot, now)) for pk, snapshot in altered]
    if rows:
        names = list(_values(altered[0][1], now))
        Table.objects.bulk_update(rows, names, batch_size=BATCH)
    return altered


def _store_columns(written: list[tuple[int, TableSnapshot]]) -> None:
    rows = [Column(table_id=pk, **vars(column)) for pk, snapshot in written for column in snapshot.columns]
    Column.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["table", "name"],
        update_fields=["position", "type", "comment", "is_partition_key", "tags", "classification"],
    )
    kept = {(row.table_id, row.name) for row in rows}
    stored = Column.objects.filter(table__in=[pk for pk, _ in written])
    gone = [pk for pk, *key in stored.values_list("pk", "table_id", "name") if tuple(key) not in kept]
    Column.objects.filter(pk__in=gone).delete()
