"""The words of the catalog: what completion offers and what a misspelt word is corrected to.

`documents` counts what everyone may see, as of the last count. It gives the order alone: whoever offers a word
asks first whether something visible still holds it.
"""

from collections.abc import Collection

from django.db import connection, transaction

from catalog.search.index.models import EVERYONE

SHORTEST, LONGEST = 2, 40
LAST_SIGN = "\U0010ffff"
"""Behind everything that begins with a word stands the word with this sign."""
COUNT_LOCK = 5_207_116

VISIBLE = f"SELECT d.search FROM catalog_document d WHERE d.visibility = {EVERYONE}"  # noqa: S608

A_FEW = 200
STANDS = f"""(({{documents}} * 50 > (SELECT reltuples FROM pg_class WHERE oid = 'catalog_document'::regclass)
    AND EXISTS (SELECT FROM ({VISIBLE} LIMIT {A_FEW}) AS first WHERE ts_match_vq(first.search, {{q}})))
  OR (SELECT count(*) > 0 FROM ({VISIBLE} AND d.search @@ {{q}}) AS one))"""  # noqa: S608
"""Whether something visible holds what `q` asks for, a word that stood in so many documents at the last count. A
frequent word is soon met among the first documents, while its index would gather all of them. Others are counted: whoever
asks for one alone is led past the index.
"""

TRIGRAMS = """ARRAY(SELECT DISTINCT substr('  ' || {word} || ' ', at, 3)
  FROM generate_series(1, length({word}) + 1) AS at)"""

# In the order of words: two writers never wait for each other in a ring.
_LEARN = f"""
INSERT INTO catalog_indexedword (word, documents, trigrams)
SELECT said.word, 0, {TRIGRAMS.format(word="said.word")} FROM unnest(%s::text[]) AS said(word)
WHERE NOT EXISTS (SELECT FROM catalog_indexedword known WHERE known.word = said.word)
  AND to_tsvector('english', said.word) <> ''
ORDER BY said.word ON CONFLICT DO NOTHING"""  # noqa: S608

SLICE = 20_000
"""Ids of documents whose words are counted at once: until it has counted `ts_stat` holds on to every vector that it read."""
# One slice after the other; the number of a slice is the only thing that is put into its text.
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
        cursor.execute(_COUNT, {"slice": SLICE})
        return int(cursor.rowcount)
