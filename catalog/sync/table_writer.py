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
from catalog.mirror.schema_changes import COMPARED_FIELDS, ComparedColumn, compare_schemas
from catalog.search.index.documents import DocumentVector, insert_documents, update_vectors
from catalog.search.index.vectors import Lexicon, vector_text
from catalog.search.index.vocabulary import add_words
from catalog.sync.column_writer import copy_columns, format_column_lines, read_stored_columns, store_columns
from catalog.sync.diff import TableDifference
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.sql import copy_rows, format_row

_FIELDS = (
    "database_id", "name", "kind", "description", "owner", "created_by", "location", "data_format", "parameters", "storage",
    "view", "flags", "tags", "classification", "classes", "glue_created_at", "glue_version",
    "glue_updated_at", "iceberg_uuid", "default_row_policy", "digest", "mirrored_at",
)  # fmt: skip
_COPY = f"COPY catalog_table (id, {', '.join(_FIELDS)}) FROM STDIN"
# Once for all: what follows a table, follows each statement.
_UPDATE = f"""UPDATE catalog_table AS row SET {", ".join(f"{name} = said.{name}" for name in _FIELDS)}
FROM json_populate_recordset(NULL::catalog_table, %s) AS said WHERE row.id = said.id"""  # noqa: S608
_NEXT_IDS = "SELECT nextval(pg_get_serial_sequence('catalog_table', 'id')) FROM generate_series(1, %s)"
# Name by name: before a first ANALYZE PostgreSQL takes all that is live for a handful, and would read it.
_READ_LIVE_ROWS = """
SELECT t.database_id, t.name, t.id, t.digest FROM unnest(%s::bigint[], %s::text[]) AS asked(database_id, name)
CROSS JOIN LATERAL (SELECT database_id, name, id, digest FROM catalog_table
  WHERE database_id = asked.database_id AND name = asked.name AND tombstoned_at IS NULL OFFSET 0) AS t"""

MAX_STEMS = 200_000


@dataclass
class WriteResult:
    """What one batch wrote: ids of rows made and altered, and of those that made way for one made anew."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)


class CopyLines(NamedTuple):
    """A new table in COPY's words: its row and its columns."""

    row: str
    columns: str


class PreparedTable(NamedTuple):
    """A table that differs, as it will be written under the id `pk`.

    If it is new it has `copy_lines`, else `row`: an object that _UPDATE reads.
    """

    difference: TableDifference
    pk: int
    row: str
    copy_lines: CopyLines | None
    vector: DocumentVector


@dataclass(frozen=True)
class TableBatch:
    """Tables that differ, an id for each that is new, and the stems of all their words."""

    differences: Sequence[TableDifference]
    ids: Sequence[int]
    lexicon: Lexicon

    def prepare(self, now: datetime) -> list[PreparedTable]:
        """No query: may run in a thread while another batch is written."""
        ids = iter(self.ids)
        return [self._prepare(each, ids, now) for each in self.differences]

    def _prepare(self, difference: TableDifference, ids: Iterator[int], now: datetime) -> PreparedTable:
        row, words = _row_values(difference, now), difference.words
        vector = vector_text(words.weights, self.lexicon)
        if difference.stored and not difference.is_recreated:
            pk = difference.stored.pk
            said = json.dumps({"id": pk, **dict(zip(_FIELDS, row, strict=True))}, default=datetime.isoformat)
            return PreparedTable(difference, pk, said, None, DocumentVector(pk, words.completeness, vector))
        pk, told = next(ids), difference.snapshot
        copied = CopyLines(f"{format_row((pk, *row))}\n", format_column_lines(pk, told.columns))
        return PreparedTable(difference, pk, "", copied, DocumentVector(pk, words.completeness, vector))


class TableWriter:
    """Stores the tables of one catalog in batches, and each word only once."""

    def __init__(self, catalog: int) -> None:
        self._catalog = catalog
        self._learnt: set[str] = set()
        self._lexicon = Lexicon()

    def write(self, differences: Sequence[TableDifference], now: datetime) -> WriteResult:
        """`store` of what differs."""
        return self.store(self.start_batch(differences).prepare(now), now)

    def start_batch(self, differences: Sequence[TableDifference]) -> TableBatch:
        """Store the words and reserve ids. The id of a table that is not written later stays unused."""
        words = set().union(*[each.words.vocabulary for each in differences]) - self._learnt
        add_words(words)
        if len(self._learnt) < MAX_STEMS:
            self._learnt |= words
        if len(self._lexicon) > MAX_STEMS:
            # Not cleared: the last batch may still be prepared with them.
            self._lexicon = Lexicon()
        self._lexicon.learn(set().union(*[words for each in differences for words in each.words.weights]))
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_IDS, [sum(map(_is_new, differences))])
            return TableBatch(differences, [pk for (pk,) in cursor.fetchall()], self._lexicon)

    def store(self, prepared: Sequence[PreparedTable], now: datetime) -> WriteResult:
        """One transaction. A table whose row has changed since it was compared is left out.

        Who wrote that row has read later than we; the next reading compares anew.
        """
        if not prepared:
            return WriteResult()
        with transaction.atomic(), connection.cursor() as cursor:
            acquire_transaction_lock(AdvisoryLock.TABLE_WRITES, self._catalog)
            said = [each.difference for each in prepared]
            cursor.execute(
                _READ_LIVE_ROWS, [[each.database for each in said], [each.snapshot.name for each in said]]
            )
            live = {(database, name): (pk, digest) for database, name, pk, digest in cursor.fetchall()}
            kept: dict[tuple[int, str], PreparedTable] = {}
            for each, difference in zip(prepared, said, strict=True):
                compared = (difference.stored.pk, difference.stored.digest) if difference.stored else None
                key = (difference.database, difference.snapshot.name)
                if live.get(key) == compared:
                    kept[key] = each
            current = list(kept.values())
            made = [each for each in current if _is_new(each.difference)]
            altered = [each for each in current if not _is_new(each.difference)]
            replaced = [each.difference.stored.pk for each in made if each.difference.stored]
            if replaced:
                Table.objects.filter(pk__in=replaced).update(tombstoned_at=now)
            return WriteResult(_insert_tables(cursor, made), _update_tables(cursor, altered, now), replaced)


def _is_new(difference: TableDifference) -> bool:
    return difference.stored is None or difference.is_recreated


def _insert_tables(cursor: Any, made: Sequence[PreparedTable]) -> list[int]:
    if not made:
        return []
    new = [each.copy_lines for each in made if each.copy_lines]
    copy_rows(cursor, _COPY, [copied.row for copied in new])
    copy_columns(cursor, [copied.columns for copied in new])
    insert_documents(cursor, [each.vector for each in made])
    return [each.pk for each in made]


def _update_tables(cursor: Any, altered: Sequence[PreparedTable], now: datetime) -> list[int]:
    """Stores the schema history first, because it needs the old rows."""
    if not altered:
        return []
    ids = [each.pk for each in altered]
    differences = [each.difference for each in altered]
    columns = read_stored_columns(cursor, ids)
    stored = Table.objects.filter(pk__in=ids).values("pk", "glue_version", *COMPARED_FIELDS)
    before: dict[int, dict[str, Any]] = defaultdict(dict, {row["pk"]: row for row in stored})
    rows = []
    for pk, each in zip(ids, differences, strict=True):
        fields = [ComparedColumn(c.name, c.type, c.comment, c.is_partition_key) for c in columns[pk]]
        read = [ComparedColumn(c.name, c.type, c.comment, c.is_partition_key) for c in each.snapshot.columns]
        changes = compare_schemas(before[pk], vars(each.snapshot), fields, read)
        if changes:
            rows.append(
                SchemaChange(
                    table_id=pk,
                    seen_at=now,
                    version_before=before[pk]["glue_version"],
                    version_after=each.snapshot.glue_version,
                    is_breaking=any(change.breaking for change in changes),
                    changes=[change.to_json() for change in changes],
                )
            )
    SchemaChange.objects.bulk_create(rows)
    cursor.execute(_UPDATE, [f"[{','.join(each.row for each in altered)}]"])
    store_columns(cursor, columns, {each.pk: each.difference.snapshot.columns for each in altered})
    update_vectors(cursor, [each.vector for each in altered])
    return ids


def _row_values(difference: TableDifference, now: datetime) -> tuple[Any, ...]:
    """The values of _FIELDS; what is JSON there is a dictionary."""
    told = difference.snapshot
    return (
        difference.database,
        told.name,
        told.kind,
        told.description,
        told.owner,
        told.created_by,
        told.location,
        told.data_format,
        told.parameters,
        told.storage,
        told.view,
        list(told.flags),
        told.tags,
        told.classification,
        told.classes,
        told.glue_created_at,
        told.glue_version,
        told.glue_updated_at,
        told.iceberg_uuid,
        told.default_row_policy,
        told.digest,
        now,
    )
