"""What a page of hits tells of each: products and tables are read at each search, columns once for a version of their table.

Columns are most of what is read, and are written in one transaction with their table's row (`catalog.sync.table_writer`). So the
row's version tells when they are other ones, and nothing of what is kept depends on who searches.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache

from catalog.mirror.models import Classification
from catalog.mirror.nested_fields import nested_fields
from catalog.prepared_statements import prepared
from catalog.search.snippets import Candidate
from catalog.text_truncation import LONGEST_READ, shown

LONGEST_TYPE = 8000
MOST_KEPT, WIDEST_KEPT = 1000, 200
"""Tables, and columns of one: some tens of megabytes a process at most. Wider tables are read each time."""

_PRODUCTS = f"""
SELECT p.id, p.slug, p.name, p.summary, left(p.description, {LONGEST_READ + 1}), p.keywords, p.tier, d.name,
  ARRAY(SELECT link.table_id FROM catalog_producttable link JOIN catalog_table t ON t.id = link.table_id
    WHERE link.product_id = p.id AND t.tombstoned_at IS NULL ORDER BY link.position, link.id)
FROM catalog_dataproduct p JOIN catalog_domain d ON d.id = p.domain_id WHERE p.id = ANY(%s)"""  # noqa: S608
# Each change of a row gives it another xmin, the number of the transaction that wrote it.
_VERSION = "t.digest || ' ' || t.xmin"
_TABLES = f"""
SELECT t.id, {_VERSION}, t.name, left(t.description, {LONGEST_READ + 1}), t.owner, coalesce(t.tags ->> 'tier', ''),
  b.name, k.short_name, coalesce(d.name, '')
FROM catalog_table t JOIN catalog_database b ON b.id = t.database_id
JOIN identity_connectedcatalog k ON k.id = b.catalog_id LEFT JOIN catalog_domain d ON d.id = b.domain_id
WHERE t.id = ANY(%s)"""  # noqa: S608
# Of a type what may hold fields: the search finds them, and says which.
_COLUMNS = f"""
SELECT t.id, {_VERSION}, t.name, c.name, left(c.comment, {LONGEST_READ + 1}),
  CASE WHEN strpos(c.type, '<') > 0 THEN left(c.type, {LONGEST_TYPE}) ELSE '' END, c.classification
FROM catalog_table t LEFT JOIN catalog_column c ON c.table_id = t.id WHERE t.id = ANY(%s) ORDER BY c.position"""  # noqa: S608


@dataclass(frozen=True)
class Columns:
    """Those of one table: their names in order, how many are sensitive, and what may be found in them."""

    names: tuple[str, ...] = ()
    sensitive: int = 0
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class ToldTable:
    name: str
    description: str
    owner: str
    tier: str
    database: str
    catalog: str
    domain: str
    columns: Columns


@dataclass(frozen=True)
class ToldProduct:
    """`tables` are the ids of those that are there, in their order."""

    slug: str
    name: str
    summary: str
    description: str
    keywords: tuple[str, ...]
    tier: str
    domain: str
    tables: tuple[int, ...]


_kept: LRUCache[tuple[int, str], Columns] = LRUCache(MOST_KEPT)
"""By table and its version."""
_lock = Lock()
"""Held while `_kept` is read or written."""


def told_products(ids: Collection[int]) -> dict[int, ToldProduct]:
    """By id; one query, none for none."""
    return {
        pk: ToldProduct(slug, name, summary, shown(start), tuple(keywords), tier, domain, tuple(tables))
        for pk, slug, name, summary, start, keywords, tier, domain, tables in _read(_PRODUCTS, ids)
    }


def told_tables(ids: Collection[int]) -> dict[int, ToldTable]:
    """By id; one query, and one more for the columns of those that are not kept as they are now."""
    rows = _read(_TABLES, ids)
    with _lock:
        columns = {pk: _kept.get((pk, version)) for pk, version, *_ in rows}
    fresh = _columns_of([pk for pk, found in columns.items() if found is None])
    return {
        pk: ToldTable(name, shown(start), owner, tier, database, catalog, domain, columns[pk] or fresh[pk])
        for pk, _version, name, start, owner, tier, database, catalog, domain in rows
    }


def _columns_of(tables: Sequence[int]) -> dict[int, Columns]:
    """Read together with the version that they are kept under: a table may be written between two statements."""
    rows: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for pk, version, *column in _read(_COLUMNS, tables):
        rows[pk, version].append(column)
    found = {}
    for (pk, version), columns in rows.items():
        found[pk] = _columns(columns)
        if len(columns) <= WIDEST_KEPT:
            with _lock:
                _kept[pk, version] = found[pk]
    return found


def _columns(rows: Iterable[Sequence[Any]]) -> Columns:
    said = [row for row in rows if row[1] is not None]
    return Columns(
        names=tuple(name for _table, name, *_ in said),
        sensitive=sum(classification == Classification.SENSITIVE for *_, classification in said),
        candidates=tuple(candidate for row in said for candidate in _candidates(*row[:4])),
    )


def _candidates(table: str, name: str, comment: str, nested: str) -> Iterator[Candidate]:
    yield Candidate("column", table, name)
    yield Candidate("comment", f"{table}.{name}", shown(comment))
    for field in nested_fields(nested):
        yield Candidate("field", f"{table}.{name}", field)


def _read(statement: str, ids: Collection[int]) -> list[Any]:
    if not ids:
        return []
    with prepared() as cursor:
        cursor.execute(statement, [list(ids)])
        rows: list[Any] = cursor.fetchall()
    return rows
