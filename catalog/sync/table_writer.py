"""Writes tables that differ: many in one transaction, each whole or not at all.

New rows and their columns go in by COPY; altered ones, and documents, by one statement for all.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from catalog.mirror.models import SchemaChange, Table
from catalog.mirror.schema_changes import FACTS, Field, changes_between
from catalog.postgres_copy import copy_in, values_text
from catalog.search.index.documents import DocumentVector, insert_documents, update_vectors
from catalog.search.index.vectors import Lexicon, vector_text
from catalog.search.index.vocabulary import add_words
from catalog.sync.column_writer import column_lines, copy_columns, store_columns, stored_columns
from catalog.sync.diff import Difference

WRITE_LOCK = 5_207_117

_FIELDS = (
    "database_id", "name", "kind", "description", "owner", "made_by", "location", "data_format", "parameters", "storage",
    "view", "flags", "tags", "classification", "classes", "glue_created_at", "glue_version",
    "glue_updated_at", "iceberg_uuid", "digest", "mirrored_at",
)  # fmt: skip
_COPY = f"COPY catalog_table (id, {', '.join(_FIELDS)}) FROM STDIN"
# Once for all: what follows a table, follows each statement.
_UPDATE = f"""UPDATE catalog_table AS row SET {", ".join(f"{name} = said.{name}" for name in _FIELDS)}
FROM json_populate_recordset(NULL::catalog_table, %s) AS said WHERE row.id = said.id"""  # noqa: S608
_NEXT = "SELECT nextval(pg_get_serial_sequence('catalog_table', 'id')) FROM generate_series(1, %s)"
# Name by name: before a first ANALYZE PostgreSQL takes all that is live for a handful, and would read it.
_LIVE = """
SELECT t.database_id, t.name, t.id, t.digest FROM unnest(%s::bigint[], %s::text[]) AS asked(database_id, name)
CROSS JOIN LATERAL (SELECT database_id, name, id, digest FROM catalog_table
  WHERE database_id = asked.database_id AND name = asked.name AND tombstoned_at IS NULL OFFSET 0) AS t"""

MOST_STEMS = 200_000


@dataclass
class Written:
    """What one batch wrote: ids of rows made and altered, and of those that made way for one made anew."""

    made: list[int] = field(default_factory=list)
    altered: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)


class Copied(NamedTuple):
    """A new table in COPY's words: its row and its columns."""

    row: str
    columns: str


class Prepared(NamedTuple):
    """A table that differs, as it will be written under the id `pk`.

    If it is new it has `copied`, else `row`: an object that _UPDATE reads.
    """

    difference: Difference
    pk: int
    row: str
    copied: Copied | None
    vector: DocumentVector


@dataclass(frozen=True)
class Batch:
    """Tables that differ, an id for each that is new, and the stems of all their words."""

    differences: Sequence[Difference]
    ids: Sequence[int]
    lexicon: Lexicon

    def prepared(self, now: datetime) -> list[Prepared]:
        """No query: may run in a thread while another batch is written."""
        ids = iter(self.ids)
        return [self._prepared(each, ids, now) for each in self.differences]

    def _prepared(self, difference: Difference, ids: Iterator[int], now: datetime) -> Prepared:
        row, words = _row(difference, now), difference.words
        vector = vector_text(words.weights, self.lexicon)
        if difference.known and not difference.is_anew:
            pk = difference.known.pk
            said = json.dumps({"id": pk, **dict(zip(_FIELDS, row, strict=True))}, default=datetime.isoformat)
            return Prepared(difference, pk, said, None, DocumentVector(pk, words.completeness, vector))
        pk, told = next(ids), difference.snapshot
        copied = Copied(f"{values_text((pk, *row))}\n", column_lines(pk, told.columns))
        return Prepared(difference, pk, "", copied, DocumentVector(pk, words.completeness, vector))


class TableWriter:
    """Stores the tables of one catalog batch by batch, and their words once."""

    def __init__(self, catalog: int) -> None:
        self._catalog = catalog
        self._learnt: set[str] = set()
        self._lexicon = Lexicon()

    def write(self, differences: Sequence[Difference], now: datetime) -> Written:
        """`store` of what differs."""
        return self.store(self.begin(differences).prepared(now), now)

    def begin(self, differences: Sequence[Difference]) -> Batch:
        """Learn the words, and take ids; of a table that is not written after all its id stays unused."""
        self._learn(differences)
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, [sum(map(_is_new, differences))])
            return Batch(differences, [pk for (pk,) in cursor.fetchall()], self._lexicon)

    def store(self, prepared: Sequence[Prepared], now: datetime) -> Written:
        """One transaction. A table whose row has changed since it was compared is left out.

        Who wrote that row has read later than we; the next reading compares anew.
        """
        if not prepared:
            return Written()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [WRITE_LOCK, self._catalog])
            current = _still_as_compared(cursor, prepared)
            made = [each for each in current if _is_new(each.difference)]
            altered = [each for each in current if not _is_new(each.difference)]
            replaced = [each.difference.known.pk for each in made if each.difference.known]
            if replaced:
                Table.objects.filter(pk__in=replaced).update(tombstoned_at=now)
            return Written(_insert(cursor, made), _alter(cursor, altered, now), replaced)

    def _learn(self, differences: Sequence[Difference]) -> None:
        words = set().union(*[each.words.vocabulary for each in differences]) - self._learnt
        add_words(words)
        if len(self._learnt) < MOST_STEMS:
            self._learnt |= words
        if len(self._lexicon) > MOST_STEMS:
            # Not cleared: the last batch may still be prepared with them.
            self._lexicon = Lexicon()
        self._lexicon.learn(set().union(*[words for each in differences for words in each.words.weights]))


def _is_new(difference: Difference) -> bool:
    return difference.known is None or difference.is_anew


def _still_as_compared(cursor: Any, prepared: Sequence[Prepared]) -> list[Prepared]:
    said = [each.difference for each in prepared]
    cursor.execute(_LIVE, [[each.database for each in said], [each.snapshot.name for each in said]])
    live = {(database, name): (pk, digest) for database, name, pk, digest in cursor.fetchall()}
    kept: dict[tuple[int, str], Prepared] = {}
    for each, difference in zip(prepared, said, strict=True):
        compared = (difference.known.pk, difference.known.digest) if difference.known else None
        key = (difference.database, difference.snapshot.name)
        if live.get(key) == compared:
            kept[key] = each
    return list(kept.values())


def _insert(cursor: Any, made: Sequence[Prepared]) -> list[int]:
    if not made:
        return []
    new = [each.copied for each in made if each.copied]
    copy_in(cursor, _COPY, [copied.row for copied in new])
    copy_columns(cursor, [copied.columns for copied in new])
    insert_documents(cursor, [each.vector for each in made])
    return [each.pk for each in made]


def _alter(cursor: Any, altered: Sequence[Prepared], now: datetime) -> list[int]:
    """History first: it needs what stands there still."""
    if not altered:
        return []
    ids = [each.pk for each in altered]
    differences = [each.difference for each in altered]
    columns = stored_columns(cursor, ids)
    _remember(ids, differences, columns, now)
    cursor.execute(_UPDATE, [f"[{','.join(each.row for each in altered)}]"])
    store_columns(cursor, columns, {each.pk: each.difference.snapshot.columns for each in altered})
    update_vectors(cursor, [each.vector for each in altered])
    return ids


def _row(difference: Difference, now: datetime) -> tuple[Any, ...]:
    """The values of _FIELDS; what is JSON there is a dictionary."""
    told = difference.snapshot
    return (
        difference.database, told.name, told.kind, told.description, told.owner, told.made_by, told.location,
        told.data_format, told.parameters, told.storage, told.view, list(told.flags), told.tags,
        told.classification, told.classes, told.glue_created_at, told.glue_version, told.glue_updated_at,
        told.iceberg_uuid, told.digest, now,
    )  # fmt: skip


def _remember(
    ids: list[int], differences: Sequence[Difference], columns: dict[int, list[Any]], now: datetime
) -> None:
    stored = Table.objects.filter(pk__in=ids).values("pk", "glue_version", *FACTS)
    before: dict[int, dict[str, Any]] = defaultdict(dict, {row["pk"]: row for row in stored})
    rows = []
    for pk, each in zip(ids, differences, strict=True):
        fields = [Field(c.name, c.type, c.comment, c.is_partition_key) for c in columns[pk]]
        read = [Field(c.name, c.type, c.comment, c.is_partition_key) for c in each.snapshot.columns]
        changes = changes_between(before[pk], vars(each.snapshot), fields, read)
        if changes:
            rows.append(
                SchemaChange(
                    table_id=pk,
                    seen_at=now,
                    version_before=before[pk]["glue_version"],
                    version_after=each.snapshot.glue_version,
                    is_breaking=any(change.breaking for change in changes),
                    changes=[change.as_json() for change in changes],
                )
            )
    SchemaChange.objects.bulk_create(rows)
