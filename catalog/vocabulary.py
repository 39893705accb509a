"""The words of the catalog: what completion offers and what a misspelt word is corrected to.

`documents` counts what everyone may see, as of the last count. It gives the order alone: whoever offers a word
asks first whether something visible still holds it.
"""

from collections.abc import Collection

from django.db import connection, transaction

SHORTEST, LONGEST = 2, 40
COUNT_LOCK = 5_207_116

VISIBLE_PRODUCTS = "SELECT p.search FROM catalog_dataproduct p WHERE p.is_published"
# A table of a product is found in the product; of one that is not published yet, nowhere.
VISIBLE_TABLES = """SELECT t.search FROM catalog_table t WHERE t.tombstoned_at IS NULL
  AND NOT EXISTS (SELECT FROM catalog_producttable pt WHERE pt.table_id = t.id)"""

TRIGRAMS = """ARRAY(SELECT DISTINCT substr('  ' || {word} || ' ', at, 3)
  FROM generate_series(1, length({word}) + 1) AS at)"""

# In the order of words: two writers never wait for each other in a ring.
_LEARN = f"""
INSERT INTO catalog_indexedword (word, documents, trigrams)
SELECT said.word, 0, {TRIGRAMS.format(word="said.word")} FROM unnest(%s::text[]) AS said(word)
WHERE NOT EXISTS (SELECT FROM catalog_indexedword known WHERE known.word = said.word)
  AND to_tsvector('english', said.word) <> ''
ORDER BY said.word ON CONFLICT DO NOTHING"""  # noqa: S608

_COUNT = f"""
UPDATE catalog_indexedword AS row SET documents = found.documents FROM (
  SELECT known.word, coalesce(seen.ndoc, 0) AS documents FROM catalog_indexedword known
  LEFT JOIN ts_stat($${VISIBLE_PRODUCTS} UNION ALL {VISIBLE_TABLES}$$) AS seen ON seen.word = known.word
) AS found WHERE row.word = found.word AND row.documents <> found.documents"""  # noqa: S608


def learn(words: Collection[str]) -> int:
    """Keep those words that are new; numbers and stop words are none. Returns how many were new."""
    kept = [word for word in words if SHORTEST <= len(word) <= LONGEST and not word.isdecimal()]
    if not kept:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, [kept])
        return int(cursor.rowcount)


def count_words() -> int:
    """Count anew in how much of what is visible each word stands; returns how many counts differed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNT_LOCK])
        cursor.execute(_COUNT)
        return int(cursor.rowcount)
