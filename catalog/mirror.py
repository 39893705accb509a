"""The mirror of databases, and what a reading of a database's tables changes in it.

Rows are never deleted but columns: what vanished, or was made anew under its name, is kept as a tombstone.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from catalog.index import TableWords, words_of_table
from catalog.models import Database, Table
from catalog.snapshot import (
    DatabaseSnapshot,
    TableSnapshot,
    TableTags,
    is_same_table,
    storable,
    table_digest,
    table_snapshot,
)
from identity.accounts.models import ConnectedCatalog

TagsOf = Callable[[str], TableTags]
"""The LF-Tags of a table of the database that is read, by its name."""


class Known(NamedTuple):
    """The live row of a name."""

    pk: int
    digest: str
    created_at: str
    iceberg_uuid: str


@dataclass(frozen=True)
class Difference:
    """A table as read that is not as it is stored: new, altered, or (`is_anew`) made anew under its name."""

    database: int
    known: Known | None
    snapshot: TableSnapshot
    words: TableWords

    @property
    def is_anew(self) -> bool:
        return self.known is not None and not is_same_table(
            self.snapshot, self.known.created_at, self.known.iceberg_uuid
        )


class Reading:
    """The tables of one database, or `only` those of these names, compared with what is stored of them."""

    def __init__(self, database: Database, tags_of: TagsOf, only: Collection[str] | None = None) -> None:
        self.database = database
        self.read = 0
        self._tags_of = tags_of
        self._known = live_tables(database.pk, only)
        self._unseen = set(self._known)

    @property
    def stored(self) -> int:
        return len(self._known)

    def differences(self, answers: Iterable[Mapping[str, Any]]) -> list[Difference]:
        """Those of a page that must be written. No query: may run in a thread, beside others."""
        return [found for answer in answers if (found := self._difference(answer))]

    def _difference(self, answer: Mapping[str, Any]) -> Difference | None:
        name = storable(answer.get("Name"), 255)
        known, tags = self._known.get(name), self._tags_of(name)
        if known and known.digest == table_digest(answer, self.database.tags, tags):
            return None
        snapshot = table_snapshot(answer, database_tags=self.database.tags, tags=tags)
        return Difference(self.database.pk, known, snapshot, words_of_table(snapshot, self.database.name))

    def saw(self, names: Iterable[object]) -> None:
        """What these pages named is not gone."""
        for name in names:
            self.read += 1
            self._unseen.discard(storable(name, 255))

    def vanished(self) -> list[int]:
        """Rows that no page has named, once all were read."""
        return sorted(self._known[name].pk for name in self._unseen)

    def pk_of(self, name: str) -> int:
        """The live row of a name that is stored."""
        return self._known[name].pk

    def vanished_names(self) -> list[str]:
        return sorted(self._unseen)


def live_tables(database: int, only: Collection[str] | None = None) -> dict[str, Known]:
    rows = Table.objects.filter(database=database, tombstoned_at=None)
    rows = rows if only is None else rows.filter(name__in=list(only))
    fields = rows.values_list("name", "pk", "digest", "glue_created_at", "iceberg_uuid")
    # At once: a cursor of the server takes four statements, and most databases are small.
    return {row[0]: Known(*row[1:]) for row in fields}


def store_database(
    catalog: ConnectedCatalog, snapshot: DatabaseSnapshot, now: datetime
) -> tuple[Database, bool]:
    """`store_databases` of one."""
    return store_databases(catalog, [snapshot], now)[0]


def store_databases(
    catalog: ConnectedCatalog, snapshots: Sequence[DatabaseSnapshot], now: datetime
) -> list[tuple[Database, bool]]:
    """The live row of each database, made or altered where it differs; and whether anything was written.

    One made anew under its name is another row; the domain, which is the portal's knowledge, goes with it.
    """
    names = [each.name for each in snapshots]
    live = Database.objects.filter(catalog=catalog, name__in=names, tombstoned_at=None)
    rows = {row.name: row for row in live}
    new = {each.name: each for each in reversed(snapshots) if each.name not in rows}
    made = [Database(catalog=catalog, **_values(each)) for each in new.values()]
    rows |= {row.name: row for row in Database.objects.bulk_create(made)}
    found = []
    for each in snapshots:
        differs = rows[each.name].digest != each.digest
        rows[each.name] = _altered(rows[each.name], each, now) if differs else rows[each.name]
        found.append((rows[each.name], differs or new.get(each.name) is each))
    return found


def _values(snapshot: DatabaseSnapshot) -> dict[str, Any]:
    return {**vars(snapshot), "digest": snapshot.digest, "flags": list(snapshot.flags)}


def _altered(row: Database, snapshot: DatabaseSnapshot, now: datetime) -> Database:
    with transaction.atomic():
        if row.glue_created_at == snapshot.glue_created_at:
            Database.objects.filter(pk=row.pk).update(**_values(snapshot))
            row.refresh_from_db()
            return row
        _tombstone_databases([row.pk], now)
        return Database.objects.create(catalog=row.catalog, domain=row.domain, **_values(snapshot))


def vanished_databases(catalog: ConnectedCatalog, kept: Collection[str], *, only: str = "") -> list[int]:
    """The live databases, or `only` the one of this name, that a complete list did not name."""
    live = Database.objects.filter(catalog=catalog, tombstoned_at=None)
    live = live.filter(name=only) if only else live
    return list(live.exclude(name__in=list(kept)).order_by("pk").values_list("pk", flat=True))


def tables_of(databases: Collection[int]) -> list[int]:
    """The live tables of these databases."""
    rows = Table.objects.filter(database__in=list(databases), tombstoned_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def tombstone(tables: Collection[int], databases: Collection[int], now: datetime) -> int:
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
