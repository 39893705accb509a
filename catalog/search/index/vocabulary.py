"""The words of the catalog, for suggestions and spelling correction.

`documents` counts what everyone sees, as of the last count. It only sets the order: before a word is suggested,
`IS_VISIBLE` checks that something visible still contains it.
"""

from collections.abc import Collection

from django.db import connection, transaction

from audit.advisory_locks import AdvisoryLock, acquire_transaction_lock
from catalog.search.index.models import EVERYONE

SHORTEST, LONGEST = 2, 40
LAST_CHARACTER = "\U0010ffff"
"""A word with this character is sorted after every word that starts with it."""

VISIBLE = f"SELECT d.search FROM catalog_document d WHERE d.visibility = {EVERYONE}"  # noqa: S608

SAMPLE = 200
IS_VISIBLE = f"""CASE WHEN {{documents}} * 50 > (SELECT reltuples FROM pg_class WHERE oid = 'catalog_document'::regclass)
    AND EXISTS (SELECT FROM ({VISIBLE} LIMIT {SAMPLE}) AS first WHERE ts_match_vq(first.search, {{q}})) THEN true
  ELSE (SELECT count(*) > 0 FROM ({VISIBLE} AND d.search @@ {{q}}) AS one) END"""  # noqa: S608
"""Whether something visible contains `q`, which so many `documents` contained at the last count. A frequent word is soon met
among the first documents, while its index would collect all of them. Others are counted, as EXISTS would not use the index.
PostgreSQL would evaluate both sides of an OR.
"""

TRIGRAMS = """ARRAY(SELECT DISTINCT substr('  ' || {word} || ' ', at, 3)
  FROM generate_series(1, length({word}) + 1) AS at)"""

# In the order of words, so that two writers do not deadlock.
_ADD = f"""
INSERT INTO catalog_indexedword (word, documents, trigrams)
SELECT new.word, 0, {TRIGRAMS.format(word="new.word")} FROM unnest(%s::text[]) AS new(word)
WHERE NOT EXISTS (SELECT FROM catalog_indexedword known WHERE known.word = new.word)
  AND to_tsvector('english', new.word) <> ''
ORDER BY new.word ON CONFLICT DO NOTHING"""  # noqa: S608

SLICE = 20_000
"""Ids of documents whose words are counted at once, as `ts_stat` keeps every vector that it reads until it has counted."""
# The number of a slice is the only value that is put into its text.
_COUNT = f"""
WITH slices AS MATERIALIZED (
  SELECT generate_series(min(id), max(id), %(slice)s) AS first FROM catalog_document WHERE visibility = {EVERYONE}
), seen AS MATERIALIZED (
  SELECT one.word, sum(one.ndoc)::integer AS documents FROM slices
  CROSS JOIN LATERAL ts_stat(format($${VISIBLE} AND d.id >= %%s AND d.id < %%s$$, first, first + %(slice)s)) AS one
  GROUP BY one.word
)
UPDATE catalog_indexedword AS row SET documents = found.documents FROM (
  SELECT known.word, coalesce(seen.documents, 0) AS documents FROM catalog_indexedword known
  LEFT JOIN seen ON seen.word = known.word
) AS found WHERE row.word = found.word AND row.documents <> found.documents"""  # noqa: S608


def add_words(words: Collection[str]) -> int:
    """Adds new words, without numbers and stop words. Returns how many were new."""
    candidates = [word for word in words if SHORTEST <= len(word) <= LONGEST and not word.isdecimal()]
    if not candidates:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [candidates])
        return int(cursor.rowcount)


def count_words() -> int:
    """Counts again in how many visible documents each word is. Returns how many counts differed."""
    with transaction.atomic(), connection.cursor() as cursor:
        acquire_transaction_lock(AdvisoryLock.WORD_COUNTS)
        cursor.execute(_COUNT, {"slice": SLICE})
        return int(cursor.rowcount)
