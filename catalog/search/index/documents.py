"""Writes search documents. What they contain is defined by the view `catalog_document_source`, search vectors aside."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from catalog.search.facet_definitions import STORED
from kernel.advisory_locks import AdvisoryLock, try_session_lock

_COLUMNS = ", ".join(
    ["id", "visibility", "name", "domain", "account", "fresh", "is_empty", *(one.column for one in STORED)]
)
_VECTORS = "unnest(%s::bigint[], %s::smallint[], %s::text[]) AS given(id, completeness, search)"
_INSERT = f"""
INSERT INTO catalog_document ({_COLUMNS}, completeness, search)
SELECT source.*, given.completeness, given.search::tsvector
FROM (SELECT {_COLUMNS} FROM catalog_document_source WHERE id = ANY(%s)) AS source JOIN {_VECTORS} ON given.id = source.id"""  # noqa: S608
_UPDATE = f"""
UPDATE catalog_document AS row SET search = given.search, completeness = given.completeness
FROM (SELECT id, completeness, search::tsvector FROM {_VECTORS}) AS given
WHERE row.id = given.id AND (row.search, row.completeness) IS DISTINCT FROM (given.search, given.completeness)"""  # noqa: S608
_FOLD = """
WITH taken AS (DELETE FROM catalog_facetcount RETURNING visibility, part, domain, account, value, documents)
INSERT INTO catalog_facetcount (visibility, part, domain, account, value, documents)
SELECT visibility, part, domain, account, value, sum(documents) FROM taken
GROUP BY 1, 2, 3, 4, 5 HAVING sum(documents) <> 0"""


class DocumentVector(NamedTuple):
    """`id` is the table's, or the product's with a minus; `vector` is a `vector_text`."""

    id: int
    completeness: int
    vector: str


def insert_documents(cursor: Any, vectors: Sequence[DocumentVector]) -> None:
    """Documents of new tables."""
    ids, completeness, texts = zip(*vectors, strict=True)
    cursor.execute(_INSERT, [list(ids), list(ids), list(completeness), list(texts)])


def update_vectors(cursor: Any, vectors: Sequence[DocumentVector]) -> int:
    """Writes those that differ; returns how many."""
    if not vectors:
        return 0
    # In the order of ids, so that two writers do not deadlock.
    ids, completeness, texts = zip(*sorted(vectors), strict=True)
    cursor.execute(_UPDATE, [list(ids), list(completeness), list(texts)])
    return int(cursor.rowcount)


def fold_counts() -> None:
    """Joins facet counts of the same value into one row. Does nothing while another process does it."""
    with try_session_lock(AdvisoryLock.FACET_COUNTS) as is_ours, connection.cursor() as cursor:
        if is_ours:
            cursor.execute(_FOLD)
