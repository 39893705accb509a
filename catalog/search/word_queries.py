"""The words of a search as queries of PostgreSQL, each with its weight: how rare it is."""

from collections.abc import Sequence
from typing import Any

from catalog.search.index.vocabulary import DOCUMENTS_WITH, STEM_OF
from catalog.search.terms import Spellings, Terms

# A table that was not analyzed yet has no count of rows.
_DOCUMENTS = "(SELECT greatest(reltuples, 1000) FROM pg_class WHERE oid = 'catalog_document'::regclass)"
_COUNTED = DOCUMENTS_WITH.format(lexeme=STEM_OF.format(word="word"))
# A spelling that no document contains is left out, but not the first. `ts_rank` divides the rank of alternatives by their
# number.
WORDS = f"""counted AS (
  SELECT at, spelling, min({_COUNTED}) AS documents, string_agg(quote_literal(word), ' <-> ' ORDER BY n) AS text
  FROM unnest(%(places)s::int[], %(spellings)s::int[], %(words)s::text[]) WITH ORDINALITY one(at, spelling, word, n)
  GROUP BY 1, 2
), word AS (
  SELECT at, q, documents,
    (ln(1 + total / (1 + documents)) * CASE WHEN count > 1 THEN (numnode(q) + 1) / 2 ELSE 1 END)::real AS weight
  FROM {_DOCUMENTS} known(total), (
    SELECT at, to_tsquery('english', string_agg(text, ' | ')) AS q, sum(documents) AS documents, count(*)
    FROM counted WHERE documents > 0 OR spelling = 0 GROUP BY 1) read WHERE numnode(q) > 0
)"""  # noqa: S608
"""Common tables. `word` has the words and phrases without stop words: their places, queries, weights by rareness, and how many
documents contain them. Synonyms are behind the last word of the search, which is at %(count)s.
"""
QUERY_OF_ALL = """coalesce((SELECT string_agg('(' || q::text || ')', ' & ')::tsquery FROM word WHERE at <= %(count)s), '')"""


def word_parameters(terms: Terms, synonyms: Sequence[Spellings] = ()) -> dict[str, Any]:
    """For `WORDS`."""
    rows = [
        (at, number, word)
        for at, spellings in enumerate([*terms.words, *synonyms], start=1)
        for number, spelling in enumerate(spellings)
        for word in spelling
    ]
    places, spellings, words = map(list, zip(*rows, strict=True)) if rows else ([], [], [])
    return {
        "places": places,
        "spellings": spellings,
        "words": words,
        "positive": " ".join(terms.positive),
        "count": len(terms.words),
    }
