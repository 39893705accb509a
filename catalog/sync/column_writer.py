"""Writes columns: new tables by COPY, changed tables only where columns differ."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.mirror.snapshot import ColumnSnapshot
from kernel.sql import copy_rows, format_row, needs_no_escaping

_FIELDS = "position, name, type, comment, is_partition_key, tags, classification"
_COPY = f"COPY catalog_column (table_id, {_FIELDS}) FROM STDIN"
_LINE = "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n"
_TABS = _LINE.count("\t")
# As a subquery: with a list of ids that it sees, PostgreSQL plans by their number and statistics that may be old,
# and reads the columns of all tables.
_READ = (
    f"SELECT table_id, id, {_FIELDS} FROM catalog_column"  # noqa: S608
    " WHERE table_id = ANY(ARRAY(SELECT unnest(%s::bigint[]))) ORDER BY table_id, position"
)
_DELETE = "DELETE FROM catalog_column WHERE id = ANY(%s)"
_UPDATE = f"""UPDATE catalog_column AS row SET ({_FIELDS}) = (said.position, said.name, said.type, said.comment,
  said.is_partition_key, said.tags::jsonb, said.classification)
FROM unnest(%s::integer[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::text[], %s::bigint[])
  AS said({_FIELDS}, id) WHERE row.id = said.id"""  # noqa: S608


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
    rows = [(pk, *_column_values(column, written)) for column in columns]
    text = "".join(map(_LINE.__mod__, rows))
    if needs_no_escaping(text, tabs=len(rows) * _TABS, ends=len(rows)):
        return text
    return "".join([format_row(row) + "\n" for row in rows])


def copy_columns(cursor: Any, lines: Iterable[str]) -> None:
    """Insert columns of new tables; `lines` are built by `format_column_lines`."""
    copy_rows(cursor, _COPY, lines)


def read_stored_columns(cursor: Any, tables: list[int]) -> dict[int, list[StoredColumn]]:
    """By table, in order; a table without columns has an empty list."""
    found: dict[int, list[StoredColumn]] = defaultdict(list)
    cursor.execute(_READ, [tables])
    for table, *values in cursor.fetchall():
        found[table].append(StoredColumn(*values))
    return found


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
            row, values = known.pop(column.name, None), _column_values(column, written)
            if row and values != (*row[1:6], _tags_to_json(row.tags), row.classification):
                altered.append((*values, row.pk))
        gone += [column.pk for column in known.values()]
        names = {column.name for column in stored[table]}
        new.append(format_column_lines(table, [column for column in columns if column.name not in names]))
    if gone:
        cursor.execute(_DELETE, [gone])
    if altered:
        cursor.execute(_UPDATE, [list(values) for values in zip(*altered, strict=True)])
    copy_columns(cursor, new)


def _column_values(column: ColumnSnapshot, written: dict[int, str]) -> tuple[Any, ...]:
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
