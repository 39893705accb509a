"""Writes tables that differ: many in one transaction, each whole or not at all.

New rows go in by COPY, with their columns and documents; altered ones by one statement for all.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from catalog.index import index_tables
from catalog.mirror import Difference
from catalog.mirror_columns import copy_columns, store_columns, stored_columns
from catalog.mirror_documents import copy_documents, told_of
from catalog.models import SchemaChange, Table
from catalog.schema_changes import FACTS, Field, changes_between
from catalog.vectors import MOST_STEMS, Stems, vector_text
from catalog.vocabulary import learn

WRITE_LOCK = 5_207_117

_FIELDS = (
    "database_id", "name", "kind", "description", "owner", "location", "data_format", "parameters", "storage",
    "view", "flags", "tags", "classification", "classes", "glue_created_at", "glue_version",
    "glue_updated_at", "iceberg_uuid", "digest", "mirrored_at",
)  # fmt: skip
_COPY = f"COPY catalog_table (id, {', '.join(_FIELDS)}) FROM STDIN"
_UPDATE = f"UPDATE catalog_table SET {', '.join(f'{name} = %s' for name in _FIELDS)} WHERE id = %s"  # noqa: S608
_FOUND_BY = """UPDATE catalog_document AS row SET search = said.search::tsvector, completeness = said.completeness
FROM unnest(%s::bigint[], %s::smallint[], %s::text[]) AS said(id, completeness, search)
WHERE row.id = said.id AND said.search IS NOT NULL"""
_NEXT = "SELECT nextval(pg_get_serial_sequence('catalog_table', 'id')) FROM generate_series(1, %s)"
_LIVE = """
SELECT t.database_id, t.name, t.id, t.digest FROM unnest(%s::bigint[], %s::text[]) AS asked(database_id, name)
JOIN catalog_table t ON t.database_id = asked.database_id AND t.name = asked.name AND t.tombstoned_at IS NULL"""

_stems = Stems()


@dataclass
class Written:
    """What one batch wrote: ids of rows made and altered, and of those that made way for one made anew."""

    made: list[int] = field(default_factory=list)
    altered: list[int] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)


class TableWriter:
    """Stores the tables of one catalog batch by batch, and their words once."""

    def __init__(self, catalog: int) -> None:
        self._catalog = catalog
        self._learnt: set[str] = set()

    def write(self, differences: Sequence[Difference], now: datetime) -> Written:
        """One transaction. A table whose row has changed since it was compared is left out.

        Who wrote that row has read later than we; the next reading compares anew.
        """
        if not differences:
            return Written()
        self._learn(differences)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [WRITE_LOCK, self._catalog])
            current = _still_as_compared(cursor, differences)
            anew = [each for each in current if each.known is None or each.is_anew]
            altered = [each for each in current if each.known is not None and not each.is_anew]
            replaced = [each.known.pk for each in anew if each.known]
            if replaced:
                Table.objects.filter(pk__in=replaced).update(tombstoned_at=now)
            return Written(_insert(cursor, anew, now), _alter(cursor, altered, now), replaced)

    def _learn(self, differences: Sequence[Difference]) -> None:
        words = set().union(*[each.words.parts for each in differences]) - self._learnt
        learn(words)
        if len(self._learnt) < MOST_STEMS:
            self._learnt |= words
        _stems.learn(set().union(*[words for each in differences for words in each.words.weights]))


def _still_as_compared(cursor: Any, differences: Sequence[Difference]) -> list[Difference]:
    cursor.execute(_LIVE, [[d.database for d in differences], [d.snapshot.name for d in differences]])
    live = {(database, name): (pk, digest) for database, name, pk, digest in cursor.fetchall()}
    kept: dict[tuple[int, str], Difference] = {}
    for each in differences:
        compared = (each.known.pk, each.known.digest) if each.known else None
        key = (each.database, each.snapshot.name)
        if live.get(key) == compared:
            kept[key] = each
    return list(kept.values())


def _insert(cursor: Any, differences: Sequence[Difference], now: datetime) -> list[int]:
    cursor.execute(_NEXT, [len(differences)])
    ids = [pk for (pk,) in cursor.fetchall()]
    with cursor.copy(_COPY) as copy:
        for pk, each in zip(ids, differences, strict=True):
            copy.write_row((pk, *_row(each, now)))
    copy_columns(cursor, ((pk, each.snapshot.columns) for pk, each in zip(ids, differences, strict=True)))
    vectors = [_vector(each) for each in differences]
    told = zip(
        ids,
        (each.database for each in differences),
        (each.snapshot for each in differences),
        vectors,
        strict=True,
    )
    copy_documents(cursor, list(told))
    _index_what_is_not(ids, vectors)
    return ids


def _alter(cursor: Any, differences: Sequence[Difference], now: datetime) -> list[int]:
    """History first: it needs what stands there still."""
    ids = [each.known.pk for each in differences if each.known]
    if not ids:
        return []
    columns = stored_columns(cursor, ids)
    _remember(ids, differences, columns, now)
    rows = [_row(each, now) for each in differences]
    cursor.executemany(_UPDATE, [(*row, pk) for pk, row in zip(ids, rows, strict=True)])
    store_columns(
        cursor, columns, {pk: each.snapshot.columns for pk, each in zip(ids, differences, strict=True)}
    )
    vectors = [_vector(each) for each in differences]
    cursor.execute(_FOUND_BY, [ids, [told_of(each.snapshot) for each in differences], vectors])
    _index_what_is_not(ids, vectors)
    return ids


def _row(difference: Difference, now: datetime) -> tuple[Any, ...]:
    """The values of _FIELDS."""
    told = difference.snapshot
    return (
        difference.database, told.name, told.kind, told.description, told.owner, told.location,
        told.data_format, json.dumps(told.parameters), json.dumps(told.storage), json.dumps(told.view),
        list(told.flags), json.dumps(told.tags), told.classification, told.classes, told.glue_created_at,
        told.glue_version, told.glue_updated_at, told.iceberg_uuid, told.digest, now,
    )  # fmt: skip


def _vector(difference: Difference) -> str | None:
    return vector_text(difference.words.weights, _stems)


def _index_what_is_not(ids: Iterable[int], vectors: Iterable[str | None]) -> None:
    without = [pk for pk, vector in zip(ids, vectors, strict=True) if vector is None]
    if without:
        index_tables(without)


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
