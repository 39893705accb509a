"""Compares the tables of a database, as read from Glue, with the mirror."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.mirror.glue_parser import build_table_snapshot, compute_table_digest
from catalog.mirror.models import Database, Table
from catalog.mirror.snapshot import TableSnapshot, TableTags, is_same_table
from catalog.search.index.indexing import DocumentWords, words_of_table
from kernel.storable_text import replace_unstorable

TableTagsLookup = Callable[[str], TableTags]
"""The LF-Tags of a table of the database that is read, by its name."""


class StoredTable(NamedTuple):
    """The live row of a name."""

    pk: int
    digest: str
    created_at: str
    iceberg_uuid: str


@dataclass(frozen=True)
class TableDifference:
    """A table as read that differs from what is stored: new, altered, or recreated (`is_recreated`)."""

    database: int
    stored: StoredTable | None
    snapshot: TableSnapshot
    words: DocumentWords

    @property
    def is_recreated(self) -> bool:
        return self.stored is not None and not is_same_table(
            self.snapshot, self.stored.created_at, self.stored.iceberg_uuid
        )


class DatabaseReading:
    """The tables of one database, or `only` those of these names, compared with what is stored of them."""

    def __init__(
        self, database: Database, tags_of: TableTagsLookup, only: Collection[str] | None = None
    ) -> None:
        self.database = database
        self.read_count = 0
        self._tags_of = tags_of
        self._known = read_live_tables(database.pk, only)
        self._unseen = set(self._known)

    @property
    def stored_count(self) -> int:
        return len(self._known)

    def find_differences(self, answers: Iterable[Mapping[str, Any]]) -> list[TableDifference]:
        """Those of a page that must be written. No query: may run in a thread, beside others."""
        return [found for answer in answers if (found := self._find_difference(answer))]

    def _find_difference(self, answer: Mapping[str, Any]) -> TableDifference | None:
        name = replace_unstorable(answer.get("Name"), 255)
        known, tags = self._known.get(name), self._tags_of(name)
        if known and known.digest == compute_table_digest(answer, self.database.tags, tags):
            return None
        snapshot = build_table_snapshot(answer, database_tags=self.database.tags, tags=tags)
        return TableDifference(
            self.database.pk, known, snapshot, words_of_table(snapshot, self.database.name)
        )

    def mark_seen(self, names: Iterable[object]) -> None:
        """Mark these names as still existing."""
        for name in names:
            self.read_count += 1
            self._unseen.discard(replace_unstorable(name, 255))

    def list_vanished(self) -> list[int]:
        """Rows that no page named, after all pages were read."""
        return sorted(self._known[name].pk for name in self._unseen)

    def get_pk(self, name: str) -> int:
        """The live row of a name that is stored."""
        return self._known[name].pk

    def list_vanished_names(self) -> list[str]:
        return sorted(self._unseen)


def read_live_tables(database: int, only: Collection[str] | None = None) -> dict[str, StoredTable]:
    rows = Table.objects.filter(database=database, tombstoned_at=None)
    rows = rows if only is None else rows.filter(name__in=list(only))
    fields = rows.values_list("name", "pk", "digest", "glue_created_at", "iceberg_uuid")
    # At once: a cursor of the server takes four statements, and most databases are small.
    return {row[0]: StoredTable(*row[1:]) for row in fields}
