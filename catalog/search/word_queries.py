"""The words of a search as queries of PostgreSQL, each with its weight: how rare it is."""

from collections.abc import Sequence
from typing import Any

from catalog.search.index.vocabulary import DOCUMENTS_WITH
from catalog.search.terms import Spellings, Terms, tsquery_text

_DOCUMENTS = """(SELECT greatest(reltuples, (SELECT count(*) FROM (SELECT FROM catalog_document LIMIT 1000) AS first))
  FROM pg_class WHERE oid = 'catalog_document'::regclass)"""
_COUNTED = DOCUMENTS_WITH.format(lexeme="coalesce((ts_lexize('english_stem', word))[1], word)")
# `ts_rank` divides the rank of alternatives by their number.
WORDS = f"""counted AS (
  SELECT at, sum(documents) AS documents FROM (
    SELECT at, spelling, min({_COUNTED}) AS documents
    FROM unnest(%(places)s::int[], %(spellings)s::int[], %(counted)s::text[]) one(at, spelling, word) GROUP BY 1, 2
  ) one GROUP BY at
), word AS (
  SELECT at, q, documents, (ln(1 + total / (1 + documents))
    * CASE WHEN text LIKE '%%|%%' THEN (numnode(q) + 1) / 2 ELSE 1 END)::real AS weight
  FROM {_DOCUMENTS} known(total), (
    SELECT at, text, to_tsquery('english', text) AS q
    FROM unnest(%(queries)s::text[]) WITH ORDINALITY one(text, at)) AS read
  LEFT JOIN counted USING (at) WHERE numnode(q) > 0
)"""  # noqa: S608
"""Common tables. `word` has the words and phrases without stop words: their places, queries, weights by rareness, and how many
documents contain them as of the last count. Synonyms are behind the last word of the search, which is at %(count)s.
"""


def word_parameters(terms: Terms, synonyms: Sequence[tuple[Spellings, Spellings]] = ()) -> dict[str, Any]:
    """For `WORDS`. Of each synonym, how it is spelled and what it stands for, whose rareness it has."""
    queries = [*terms.words, *(spelled for spelled, _ in synonyms)]
    counted = [*terms.words, *(name for _, name in synonyms)]
    rows = [
        (at, number, word)
        for at, spellings in enumerate(counted, start=1)
        for number, spelling in enumerate(spellings)
        for word in spelling
    ]
    return {
        "queries": [tsquery_text([each]) for each in queries],
        "places": [at for at, _, _ in rows],
        "spellings": [number for _, number, _ in rows],
        "counted": [word for _, _, word in rows],
        "positive": " ".join(terms.positive),
        "count": len(terms.words),
    }
