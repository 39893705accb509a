"""Data products that are similar to one by the rare words and glossary terms that they share."""

from dataclasses import dataclass

from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.index.vocabulary import DOCUMENTS_WITH
from catalog.search.markup import plain_text
from identity.people.models import Person
from kernel.sql import prepared_cursor

MAX_SIMILAR = 5
MAX_WORDS = 24
"""Of a product that others are sought by: the rarest of its name, texts, tables and columns."""
MAX_DOCUMENTS = 500
"""A word in more documents says too little."""
MAX_SHOWN_WORDS = 4
_LEAST_SHARE = 0.15
"""Of the weight of its rarest words, that another product must share."""
_TERM_WEIGHT = 6

# A vector holds words and their stems: products share a stem, and people read the shortest word with it. Stop words have no stem,
# and a name such as booking_month is there as one word, too, which people read as two. A word of a name counts three times, one of
# a text twice. The planner's number of rows is not known of a small table that was not analyzed yet.
_SIMILAR = f"""
WITH size AS MATERIALIZED (
  SELECT greatest((SELECT reltuples FROM pg_class WHERE oid = 'catalog_document'::regclass),
    (SELECT count(*) FROM (SELECT FROM catalog_document WHERE visibility > 0 LIMIT 1000) AS visible)) AS documents
), own AS MATERIALIZED (
  SELECT lexeme, (ts_lexize('english_stem', lexeme))[1] AS stem,
    3 - least(ascii(coalesce(weights[1], 'D')) - ascii('A'), 2) AS times
  FROM catalog_document, unnest(ts_filter(search, '{{a,b,c}}')) WHERE id = -%(product)s AND length(lexeme) > 1
), stems AS MATERIALIZED (
  SELECT stem, (array_agg(lexeme ORDER BY lexeme = stem, length(lexeme), lexeme))[1] AS word, max(times) AS times
  FROM own WHERE length(stem) > 2 GROUP BY stem
), counted AS MATERIALIZED (
  SELECT stem, word, times, {DOCUMENTS_WITH.format(lexeme="stem")} AS documents FROM stems
), rare AS MATERIALIZED (
  SELECT coalesce((SELECT left(word, n) || ' ' || substr(word, n + 1) FROM generate_series(3, length(word) - 2) AS n
      WHERE left(word, n) IN (SELECT lexeme FROM own) AND substr(word, n + 1) IN (SELECT lexeme FROM own) LIMIT 1), word) AS word,
    quote_literal(stem)::tsquery AS q, times * ln(size.documents / counted.documents) AS weight
  FROM counted, size
  WHERE counted.documents BETWEEN 2 AND least({MAX_DOCUMENTS}, size.documents / 2) ORDER BY 3 DESC, 1 LIMIT {MAX_WORDS}
), term AS MATERIALIZED (
  SELECT DISTINCT t.id FROM catalog_termlink l JOIN catalog_term t ON t.id = l.term_id
  WHERE l.product_id = %(product)s AND t.state = 'approved'
),
candidate AS MATERIALIZED (
  SELECT d.id, d.search FROM catalog_document d
  WHERE d.id < 0 AND d.id <> -%(product)s AND {VISIBLE_DOCUMENT} AND (
    d.search @@ (SELECT coalesce(string_agg(q::text, ' | '), '')::tsquery FROM rare)
    OR d.id IN (SELECT -product_id FROM catalog_termlink WHERE term_id IN (TABLE term)))
), scored AS (
  SELECT candidate.id, words.list, words.weight + {_TERM_WEIGHT} * coalesce(terms.number, 0) AS weight, terms.names
  FROM candidate
  CROSS JOIN LATERAL (SELECT array_agg(word ORDER BY rare.weight DESC, word) AS list, coalesce(sum(rare.weight), 0) AS weight
    FROM rare WHERE candidate.search @@ q) AS words
  CROSS JOIN LATERAL (SELECT count(*) AS number, array_agg(t.name ORDER BY t.name) AS names FROM catalog_term t
    WHERE t.id IN (TABLE term) AND EXISTS (
      SELECT FROM catalog_termlink l WHERE l.term_id = t.id AND l.product_id = -candidate.id)) AS terms
)
SELECT p.id, p.slug, p.name, p.summary, coalesce(scored.list, '{{}}'), coalesce(scored.names, '{{}}')
FROM scored JOIN catalog_dataproduct p ON p.id = -scored.id
WHERE scored.weight >= {_LEAST_SHARE} * (SELECT sum(weight) + {_TERM_WEIGHT} * (SELECT count(*) FROM term) FROM rare)
ORDER BY scored.weight DESC, p.name, p.id LIMIT {MAX_SIMILAR}"""  # noqa: S608


@dataclass(frozen=True)
class SimilarProduct:
    """`words` and `terms` are what it shares, the rarest first."""

    pk: int
    slug: str
    name: str
    summary: str
    words: tuple[str, ...]
    terms: tuple[str, ...]


def find_similar_products(person: Person, product: int) -> list[SimilarProduct]:
    """Those that the person may see, the most similar first. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_SIMILAR, {"person": person.pk, "product": product})
        return [
            SimilarProduct(pk, slug, name, plain_text(summary), tuple(words[:MAX_SHOWN_WORDS]), tuple(terms))
            for pk, slug, name, summary, words, terms in cursor.fetchall()
        ]
