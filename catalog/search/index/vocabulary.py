"""The words of the catalog, for suggestions and spelling correction, and in how many documents each lexeme is.

`DOCUMENTS_WITH` is exact at every commit, for stems and numbers too. `documents` of a word follows when changes are folded. It
only sets the order: before a word is suggested, `IS_VISIBLE` checks that something visible still contains it.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection, transaction

from catalog.search.index.models import ORGANISATION, VISIBLE_DOCUMENT
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock, try_session_lock

SHORTEST, LONGEST = 2, 40
LAST_CHARACTER = "\U0010ffff"
"""A word with this character is sorted after every word that starts with it."""

VISIBLE = f"SELECT d.search FROM catalog_document d WHERE {VISIBLE_DOCUMENT}"  # noqa: S608
_COUNTED = f"SELECT d.search FROM catalog_document d WHERE d.visibility = {ORGANISATION}"  # noqa: S608

SAMPLE = 200
IS_VISIBLE = f"""CASE WHEN {{documents}} * 50 > (SELECT reltuples FROM pg_class WHERE oid = 'catalog_document'::regclass)
    AND EXISTS (SELECT FROM ({VISIBLE} LIMIT {SAMPLE}) AS first WHERE ts_match_vq(first.search, {{q}})) THEN true
  ELSE (SELECT count(*) > 0 FROM ({VISIBLE} AND d.search @@ {{q}}) AS one) END"""  # noqa: S608
"""Whether something visible contains `q`, which so many `documents` contained at the last count. A frequent word is soon met
among the first documents, while its index would collect all of them. Others are counted, as EXISTS would not use the index.
PostgreSQL would evaluate both sides of an OR.
"""

DOCUMENTS_WITH = "(SELECT greatest(sum(documents), 0) FROM catalog_lexeme_documents WHERE lexeme = {lexeme})"
"""How many documents that everyone inside may find contain this lexeme."""

STEM_OF = "coalesce((ts_lexize('english_stem', {word}))[1], {word})"
"""The lexeme by which a word is found."""

TRIGRAMS = """ARRAY(SELECT DISTINCT substr('  ' || {word} || ' ', at, 3)
  FROM generate_series(1, length({word}) + 1) AS at)"""

# In the order of words, so that two writers do not deadlock.
_ADD = f"""
INSERT INTO catalog_indexedword (word, documents, trigrams)
SELECT new.word, greatest((SELECT documents FROM catalog_lexemecount WHERE lexeme = new.word), 0),
  {TRIGRAMS.format(word="new.word")} FROM unnest(%s::text[]) AS new(word)
WHERE NOT EXISTS (SELECT FROM catalog_indexedword known WHERE known.word = new.word)
  AND to_tsvector('english', new.word) <> ''
ORDER BY new.word ON CONFLICT DO NOTHING"""  # noqa: S608

SLICE = 20_000
"""Ids of documents whose words are counted at once, as `ts_stat` keeps every vector that it reads until it has counted."""
# The number of a slice is the only value that is put into its text. One statement, so that it counts the documents that the
# deleted changes led to.
_COUNT = f"""
WITH counted AS (
  DELETE FROM catalog_lexemechange
), slices AS MATERIALIZED (
  SELECT generate_series(min(id), max(id), %(slice)s) AS first FROM catalog_document WHERE visibility = {ORGANISATION}
), seen AS MATERIALIZED (
  SELECT one.word AS lexeme, sum(one.ndoc)::integer AS documents FROM slices
  CROSS JOIN LATERAL ts_stat(format($${_COUNTED} AND d.id >= %%s AND d.id < %%s$$, first, first + %(slice)s)) AS one
  GROUP BY one.word
), stored AS (
  INSERT INTO catalog_lexemecount (lexeme, documents)
  SELECT seen.lexeme, seen.documents FROM seen LEFT JOIN catalog_lexemecount known ON known.lexeme = seen.lexeme
  WHERE known.documents IS DISTINCT FROM seen.documents
  ON CONFLICT (lexeme) DO UPDATE SET documents = excluded.documents
), vanished AS (
  DELETE FROM catalog_lexemecount AS row WHERE NOT EXISTS (SELECT FROM seen WHERE seen.lexeme = row.lexeme)
)
UPDATE catalog_indexedword AS row SET documents = found.documents FROM (
  SELECT known.word, coalesce(seen.documents, 0) AS documents FROM catalog_indexedword known
  LEFT JOIN seen ON seen.lexeme = known.word
) AS found WHERE row.word = found.word AND row.documents <> found.documents"""  # noqa: S608
# Completions are computed again where a word is new or twice as frequent.
_FOLD = """
WITH changes AS (
  DELETE FROM catalog_lexemechange WHERE lexeme <> '' RETURNING lexeme, documents
), sums AS (
  SELECT lexeme, sum(documents) AS documents FROM changes GROUP BY lexeme HAVING sum(documents) <> 0
), folded AS (
  INSERT INTO catalog_lexemecount AS row (lexeme, documents) SELECT lexeme, documents FROM sums
  ON CONFLICT (lexeme) DO UPDATE SET documents = row.documents + excluded.documents RETURNING lexeme, documents
), stored AS (
  UPDATE catalog_indexedword AS row SET documents = greatest(folded.documents, 0)
  FROM folded JOIN catalog_indexedword AS before ON before.word = folded.lexeme
  WHERE row.word = folded.lexeme RETURNING row.word, before.documents AS before, row.documents
), grown AS (
  INSERT INTO catalog_cachedprefix (prefix, witnesses)
  SELECT DISTINCT cached.prefix, '{}'::bigint[] FROM stored CROSS JOIN generate_series(1, 2) AS length
  JOIN catalog_cachedprefix cached ON cached.prefix = left(stored.word, length) AND cached.completions IS NOT NULL
  WHERE stored.documents > 0 AND stored.documents >= 2 * stored.before
)
SELECT count(*) FROM folded"""
ARE_COUNTS_CHANGED = "EXISTS (SELECT FROM catalog_lexemechange WHERE lexeme <> '')"


def add_words(words: Collection[str]) -> int:
    """Adds new words, without numbers and stop words. Returns how many were new."""
    candidates = [word for word in words if SHORTEST <= len(word) <= LONGEST and not word.isdecimal()]
    if not candidates:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [candidates])
        return int(cursor.rowcount)


def fold_word_counts() -> int:
    """Adds the changes of finished transactions to the counts. Returns how many lexemes changed; 0 while another process counts."""
    with try_session_lock(AdvisoryLock.WORD_COUNTS) as is_ours, connection.cursor() as cursor:
        if not is_ours:
            return 0
        cursor.execute(_FOLD)
        (folded,) = cursor.fetchone()
        return int(folded)


def count_words() -> int:
    """Counts again in how many visible documents each lexeme is. Returns how many counts of words differed."""
    with transaction.atomic(), connection.cursor() as cursor:
        acquire_transaction_lock(AdvisoryLock.WORD_COUNTS)
        cursor.execute(_COUNT, {"slice": SLICE})
        return int(cursor.rowcount)


MAX_CACHED_LENGTH = 200
"""Characters of a word."""
MAX_CACHED = 100_000
_STEMS = "SELECT word, coalesce((ts_lexize('english_stem', word))[1], '') FROM unnest(%s::text[]) AS word"
_cache: dict[str, str] = {}
"""Word → stem; empty for a stop word."""


def get_stems(words: Iterable[str]) -> Mapping[str, str]:
    """Word → stem, without stop words. At most one query; none for words that this process has met before."""
    wanted = set(words)
    stems = {word: stem for word in wanted if (stem := _cache.get(word)) is not None}
    if new := sorted(wanted.difference(stems)):
        with connection.cursor() as cursor:
            cursor.execute(_STEMS, [new])
            read = dict(cursor.fetchall())
        if len(_cache) > MAX_CACHED:
            _cache.clear()
        _cache.update({word: stem for word, stem in read.items() if len(word) <= MAX_CACHED_LENGTH})
        stems |= read
    return {word: stem for word, stem in stems.items() if stem}


STOP_WORDS = frozenset(["i", "me", "my", "myself", "we", "our", "ours", "ourselves", "you", "your", "yours", "yourself", "yourselves", "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its", "itself", "they", "them", "their", "theirs", "themselves", "what", "which", "who", "whom", "this", "that", "these", "those", "am", "is", "are", "was", "were", "be", "been", "being", "have", "has", "had", "having", "do", "does", "did", "doing", "a", "an", "the", "and", "but", "if", "or", "because", "as", "until", "while", "of", "at", "by", "for", "with", "about", "against", "between", "into", "through", "during", "before", "after", "above", "below", "to", "from", "up", "down", "in", "out", "on", "off", "over", "under", "again", "further", "then", "once", "here", "there", "when", "where", "why", "how", "all", "any", "both", "each", "few", "more", "most", "other", "some", "such", "no", "nor", "not", "only", "own", "same", "so", "than", "too", "very", "s", "t", "can", "will", "just", "don", "should", "now"])  # fmt: skip
