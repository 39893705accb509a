"""Refreshes documents and folds their counts."""

from django.db import connection

FOLD_LOCK = 5_207_118

_FOLD = """
WITH taken AS (DELETE FROM catalog_facetcount RETURNING visibility, part, domain, account, value, documents)
INSERT INTO catalog_facetcount (visibility, part, domain, account, value, documents)
SELECT visibility, part, domain, account, value, sum(documents) FROM taken
GROUP BY 1, 2, 3, 4, 5 HAVING sum(documents) <> 0"""


def refresh(ids: list[int]) -> None:
    """Make the documents of these tables, or of products with a minus, say what the catalog says now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_refresh_documents(%s::bigint[])", [ids])


def fold_counts() -> None:
    """Put counts that add up into one row each; who comes while another folds goes on without."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [FOLD_LOCK])
        if cursor.fetchone()[0]:
            try:
                cursor.execute(_FOLD)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [FOLD_LOCK])
