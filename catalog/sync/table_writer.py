"""Writes tables that differ: many in one transaction, each whole or not at all.

New rows and their columns go in by COPY; altered ones, and documents, by one statement for all.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, transaction

from catalog.mirror.glue_parser import build_table_snapshot, compute_table_digest
from catalog.mirror.models import Database, SchemaChange, Table
from catalog.mirror.schema_changes import COMPARED_FIELDS, ComparedColumn, compare_schemas
from catalog.mirror.snapshot import ColumnSnapshot, TableSnapshot, TableTags, is_same_table
from catalog.search.index.indexing import (
    DocumentVector,
    DocumentWords,
    Lexicon,
    build_vector_text,
    insert_documents,
    list_words_of_table,
    update_vectors,
)
from catalog.search.index.vocabulary import add_words
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.sql import copy_rows, format_row, needs_no_escaping
from kernel.storable_text import replace_unstorable

_COLUMN_FIELDS = "position, name, type, comment, is_partition_key, tags, classification"
_COPY_COLUMNS = f"COPY catalog_column (table_id, {_COLUMN_FIELDS}) FROM STDIN"
_LINE = "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n"
_TABS = _LINE.count("\t")
# As a subquery: with a list of ids that it sees, PostgreSQL plans by their number and statistics that may be old,
# and reads the columns of all tables.
_READ = (
    f"SELECT table_id, id, {_COLUMN_FIELDS} FROM catalog_column"  # noqa: S608
    " WHERE table_id = ANY(ARRAY(SELECT unnest(%s::bigint[]))) ORDER BY table_id, position"
)
_DELETE = "DELETE FROM catalog_column WHERE id = ANY(%s)"
_UPDATE_COLUMNS = f"""UPDATE catalog_column AS row SET ({_COLUMN_FIELDS}) = (said.position, said.name, said.type, said.comment,
  said.is_partition_key, said.tags::jsonb, said.classification)
FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::bigint[])
  AS said({_COLUMN_FIELDS}, id) WHERE row.id = said.id"""  # noqa: S608


class StoredColumn(NamedTuple):
    pk: int
    position: int
    name: str
    type: str
    comment: str
    is_partition_key: bool
    tags: str
    classification: str


def format_column_lines(pk: int, columns: Sequence[ColumnSnapshot]) -> str:
    """The table's columns as lines for COPY."""
    written: dict[int, str] = {}
    rows = [(pk, *_build_column_values(column, written)) for column in columns]
    text = "".join(map(_LINE.__mod__, rows))
    if needs_no_escaping(text, tabs=len(rows) * _TABS, ends=len(rows)):
        return text
    return "".join([format_row(row) + "\n" for row in rows])


def copy_columns(cursor: Any, lines: Iterable[str]) -> None:
    """Insert columns of new tables; `lines` are built by `format_column_lines`."""
    copy_rows(cursor, _COPY_COLUMNS, lines)


def read_stored_columns(cursor: Any, tables: list[int]) -> dict[int, list[StoredColumn]]:
    """By table, in order; a table without columns has an empty list."""
    columns: dict[int, list[StoredColumn]] = defaultdict(list)
    cursor.execute(_READ, [tables])
    for table, *values in cursor.fetchall():
        columns[table].append(StoredColumn(*values))
    return columns


def store_columns(
    cursor: Any, stored: Mapping[int, list[StoredColumn]], read: Mapping[int, Sequence[ColumnSnapshot]]
) -> None:
    """Bring the columns of altered tables to what was read; a column that is the same keeps its row as it is."""
    gone: list[int] = []
    altered: list[tuple[Any, ...]] = []
    new: list[str] = []
    for table, columns in read.items():
        known = {column.name: column for column in stored[table]}
        written: dict[int, str] = {}
        for column in columns:
            row, values = known.pop(column.name, None), _build_column_values(column, written)
            if row and values != (*row[1:6], _tags_to_json(row.tags), row.classification):
                altered.append((*values, row.pk))
        gone += [column.pk for column in known.values()]
        names = {column.name for column in stored[table]}
        new.append(format_column_lines(table, [column for column in columns if column.name not in names]))
    if gone:
        cursor.execute(_DELETE, [gone])
    if altered:
        cursor.execute(_UPDATE_COLUMNS, [list(values) for values in zip(*altered, strict=True)])
    copy_columns(cursor, new)


def _build_column_values(column: ColumnSnapshot, written: dict[int, str]) -> tuple[Any, ...]:
    # Columns share the tags of their table as one object: it is put into words once.
    key = id(column.tags)
    tags = written.get(key)
    if tags is None:
        tags = written[key] = _tags_to_json(column.tags)
    return (*column[:5], tags, column.classification)


def _tags_to_json(tags: Any) -> str:
    """As JSON with sorted keys, however the driver hands it over."""
    return _sort_json(tags) if isinstance(tags, str) else json.dumps(tags, sort_keys=True)


# Columns of a table mostly carry the same tags, and many tables do.
@lru_cache(maxsize=1024)
def _sort_json(tags: str) -> str:
    return json.dumps(json.loads(tags), sort_keys=True)


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
        """The differences of a page that must be written. There is no query: it may run in a thread, beside others."""
        return [difference for answer in answers if (difference := self._find_difference(answer))]

    def _find_difference(self, answer: Mapping[str, Any]) -> TableDifference | None:
        name = replace_unstorable(answer.get("Name"), 255)
        known, tags = self._known.get(name), self._tags_of(name)
        if known and known.digest == compute_table_digest(answer, self.database.tags, tags):
            return None
        snapshot = build_table_snapshot(answer, database_tags=self.database.tags, tags=tags)
        return TableDifference(
            self.database.pk, known, snapshot, list_words_of_table(snapshot, self.database.name)
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
        return [self._prepare(difference, ids, now) for difference in self.differences]

    def _prepare(self, difference: TableDifference, ids: Iterator[int], now: datetime) -> PreparedTable:
        row, words = _build_row_values(difference, now), difference.words
        vector = build_vector_text(words.weights, self.lexicon)
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
        words = set().union(*[difference.words.vocabulary for difference in differences]) - self._learnt
        add_words(words)
        if len(self._learnt) < MAX_STEMS:
            self._learnt |= words
        if len(self._lexicon) > MAX_STEMS:
            # Not cleared: the last batch may still be prepared with them.
            self._lexicon = Lexicon()
        self._lexicon.learn(
            set().union(*[words for difference in differences for words in difference.words.weights])
        )
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
            said = [prepared_table.difference for prepared_table in prepared]
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
    new = [prepared_table.copy_lines for prepared_table in made if prepared_table.copy_lines]
    copy_rows(cursor, _COPY, [copied.row for copied in new])
    copy_columns(cursor, [copied.columns for copied in new])
    insert_documents(cursor, [prepared_table.vector for prepared_table in made])
    return [prepared_table.pk for prepared_table in made]


def _update_tables(cursor: Any, altered: Sequence[PreparedTable], now: datetime) -> list[int]:
    """Stores the schema history first, because it needs the old rows."""
    if not altered:
        return []
    ids = [prepared_table.pk for prepared_table in altered]
    differences = [prepared_table.difference for prepared_table in altered]
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
    cursor.execute(_UPDATE, [f"[{','.join(prepared_table.row for prepared_table in altered)}]"])
    store_columns(
        cursor,
        columns,
        {prepared_table.pk: prepared_table.difference.snapshot.columns for prepared_table in altered},
    )
    update_vectors(cursor, [prepared_table.vector for prepared_table in altered])
    return ids


def _build_row_values(difference: TableDifference, now: datetime) -> tuple[Any, ...]:
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
