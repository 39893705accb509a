"""What a reading of a database's tables differs in from the mirror."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.mirror.glue_parser import table_digest, table_snapshot
from catalog.mirror.models import Database, Table
from catalog.mirror.snapshot import TableSnapshot, TableTags, is_same_table
from catalog.search.index.indexing import DocumentWords, words_of_table
from catalog.storable_text import storable

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
    words: DocumentWords

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
