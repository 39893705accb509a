"""Reads the texts of products and tables for a search.

Products and tables are read at each search; the columns of a table are cached by its version. They are most of what is read,
and are written in one transaction with their table's row (`catalog.sync.table_writer`). Nothing that is cached depends on
the person.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache

from catalog.mirror.columns import list_nested_fields
from catalog.mirror.models import Classification
from catalog.products.fields import SEARCHED_FIELDS
from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.index.tokenizer import MAX_TEXT
from catalog.search.index.vocabulary import DOCUMENTS_WITH
from catalog.search.markup import strip_markup
from catalog.search.snippets import Candidate
from identity.people.models import Person
from kernel.queries import MAX_LENGTH, truncate
from kernel.sql import prepared_cursor

MAX_TYPE = 8000
"""Characters of a column's type that a page reads."""
_TEXTS = tuple(one.name for one in SEARCHED_FIELDS if one.name != "summary")
"""The texts of a product besides the name and the summary."""
_LONG_PRODUCT_TEXTS = "\nUNION ALL ".join(
    f"""SELECT -p.id, '{one.name}', '', left(p.{one.name}, {MAX_TEXT}) FROM catalog_dataproduct p
WHERE p.id = ANY(%(products)s) AND length(p.{one.name}) > {MAX_LENGTH}"""  # noqa: S608
    for one in SEARCHED_FIELDS
    if one.max_length > MAX_LENGTH
)
_STATEMENT = f"""
{_LONG_PRODUCT_TEXTS}
UNION ALL SELECT t.id, 'description', t.name, left(t.description, {MAX_TEXT}) FROM catalog_table t
WHERE t.id = ANY(%(tables)s) AND length(t.description) > {MAX_LENGTH}
UNION ALL SELECT t.id, one.field, t.name || '.' || c.name, left(one.text, {MAX_TEXT})
FROM catalog_table t JOIN catalog_column c ON c.table_id = t.id
CROSS JOIN LATERAL (VALUES ('comment', c.comment, {MAX_LENGTH}), ('field', c.type, {MAX_TYPE - 1})) one(field, text, most)
WHERE t.id = ANY(%(tables)s) AND length(one.text) > one.most"""  # noqa: S608
MAX_CACHED_TABLES, MAX_CACHED_COLUMNS = 1000, 200
"""Tables, and columns of one table: some tens of megabytes a process at most. Wider tables are read each time."""
_PRODUCTS = f"""
SELECT p.id, p.slug, p.name, p.summary, ARRAY[{", ".join(f"left(p.{one}, {MAX_LENGTH + 1})" for one in _TEXTS)}],
  p.keywords, p.tier, d.name, d.slug,
  p.lifecycle, p.freshness_hours, known.quality,
  ARRAY(SELECT link.table_id FROM catalog_producttable link JOIN catalog_table t ON t.id = link.table_id
    WHERE link.product_id = p.id AND t.tombstoned_at IS NULL ORDER BY link.position, link.id)
FROM catalog_dataproduct p JOIN catalog_domain d ON d.id = p.domain_id
LEFT JOIN catalog_document known ON known.id = -p.id WHERE p.id = ANY(%s)"""  # noqa: S608
# xmin is the number of the transaction that wrote the row last.
_VERSION = "t.digest || ' ' || t.xmin"
# The frequencies of the words of a search, which order its reasons, are taken along.
_TABLES = f"""
WITH given AS MATERIALIZED (
  SELECT json_object_agg(one.word, one.documents)::text AS documents FROM (
    SELECT given.word, max(known.documents) AS documents FROM unnest(%s::text[]) AS given(word)
    JOIN catalog_indexedword known ON known.word IN (given.word, (ts_lexize('english_stem', given.word))[1])
    GROUP BY given.word) AS one
)
SELECT t.id, {_VERSION}, t.name, left(t.description, {MAX_LENGTH + 1}), t.owner, coalesce(t.tags ->> 'tier', ''),
  b.name, k.short_name, coalesce(d.name, ''), coalesce(d.slug, ''), t.location, known.quality,
  (SELECT documents FROM given)
FROM catalog_table t JOIN catalog_database b ON b.id = t.database_id
JOIN identity_connectedcatalog k ON k.id = b.catalog_id LEFT JOIN catalog_domain d ON d.id = b.domain_id
LEFT JOIN catalog_document known ON known.id = t.id WHERE t.id = ANY(%s)"""  # noqa: S608
# Only types that may have fields are read.
_COLUMNS = f"""
SELECT t.id, {_VERSION}, t.name, c.name, left(c.comment, {MAX_LENGTH + 1}),
  CASE WHEN strpos(c.type, '<') > 0 THEN left(c.type, {MAX_TYPE}) ELSE '' END, c.classification
FROM catalog_table t LEFT JOIN catalog_column c ON c.table_id = t.id WHERE t.id = ANY(%s) ORDER BY c.position"""  # noqa: S608


@dataclass(frozen=True)
class Columns:
    """The columns of one table. `are_cut`: a comment or type is longer than what was read."""

    names: tuple[str, ...] = ()
    sensitive: int = 0
    candidates: tuple[Candidate, ...] = ()
    are_cut: bool = False


@dataclass(frozen=True)
class Item:
    """A product or table. `tables` are those of a product, in order, or the table itself. `candidates` are its own texts.
    `is_cut`: its description is longer than what was read. `database` is a table's, `freshness_hours` what a product promises.
    """

    slug: str
    name: str
    summary: Candidate
    domain: str
    domain_slug: str
    tier: str
    place: str
    tables: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    is_cut: bool
    columns: Columns = Columns()
    quality: int | None = None
    lifecycle: str = ""
    database: str = ""
    freshness_hours: int | None = None


_columns_cache: LRUCache[tuple[int, str], Columns] = LRUCache(MAX_CACHED_TABLES)
"""By table and its version."""
_lock = Lock()


def read_products(ids: Collection[int]) -> dict[int, Item]:
    """One query, none without ids."""
    products = {}
    for row in _fetch(_PRODUCTS, ids):
        (
            pk,
            slug,
            name,
            summary,
            starts,
            keywords,
            tier,
            domain,
            domain_slug,
            lifecycle,
            hours,
            quality,
            tables,
        ) = row
        candidates = (
            *(Candidate("keyword", "", word) for word in keywords),
            Candidate("domain", "", domain),
            *(
                Candidate(field, "", strip_markup(truncate(start)))
                for field, start in zip(_TEXTS, starts, strict=True)
            ),
            Candidate("id", "", slug),
        )
        summarized = Candidate("summary", "", strip_markup(summary))
        is_cut = any(len(start) > MAX_LENGTH for start in starts)
        products[pk] = Item(
            slug,
            name,
            summarized,
            domain,
            domain_slug,
            tier,
            domain,
            tuple(tables),
            candidates,
            is_cut,
            lifecycle=lifecycle,
            quality=quality,
            freshness_hours=hours,
        )
    return products


def read_tables(ids: Collection[int], words: Sequence[str]) -> tuple[dict[int, Item], Mapping[str, int]]:
    """The tables, and how many documents contain each of these words that was counted.

    One query, and one more for the columns of tables that are not cached in their version.
    """
    rows = _fetch(_TABLES, ids, list(words))
    documents = rows[0][-1] if rows else None
    with _lock:
        cached = {pk: _columns_cache.get((pk, version)) for pk, version, *_ in rows}
    read = _read_columns([pk for pk, columns in cached.items() if columns is None])
    tables = {}
    for pk, _version, name, start, owner, tier, database, catalog, *origin, location, quality, _ in rows:
        domain, domain_slug = origin
        description = Candidate("description", name, strip_markup(truncate(start)))
        candidates = (
            Candidate("database", "", database),
            Candidate("owner", "", owner),
            Candidate("location", "", location),
        )
        columns = cached[pk] or read[pk]
        place = f"{catalog} / {database}"
        is_cut = len(start) > MAX_LENGTH
        tables[pk] = Item(
            "",
            name,
            description,
            domain,
            domain_slug,
            tier,
            place,
            (pk,),
            candidates,
            is_cut,
            columns,
            quality,
            database=database,
        )
    return tables, json.loads(documents) if documents else {}


def _read_columns(tables: Sequence[int]) -> dict[int, Columns]:
    """Reads the version too, as a table may be written between two statements."""
    rows: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for pk, version, *column in _fetch(_COLUMNS, tables):
        rows[pk, version].append(column)
    read = {}
    for (pk, version), columns in rows.items():
        existing = [column for column in columns if column[1] is not None]
        read[pk] = Columns(
            names=tuple(name for _table, name, *_ in existing),
            sensitive=sum(classification == Classification.SENSITIVE for *_, classification in existing),
            candidates=tuple(
                candidate for column in existing for candidate in _list_column_candidates(*column[:4])
            ),
            are_cut=any(
                len(comment) > MAX_LENGTH or len(kind) >= MAX_TYPE for _, _, comment, kind, _ in existing
            ),
        )
        if len(columns) <= MAX_CACHED_COLUMNS:
            with _lock:
                _columns_cache[pk, version] = read[pk]
    return read


def _list_column_candidates(table: str, name: str, comment: str, type_: str) -> Iterator[Candidate]:
    yield Candidate("column", table, name)
    yield Candidate("comment", f"{table}.{name}", strip_markup(truncate(comment)))
    for field in list_nested_fields(type_):
        yield Candidate("field", f"{table}.{name}", field)


def _fetch(statement: str, ids: Collection[int], *before: Any) -> list[Any]:
    if not ids:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(statement, [*before, list(ids)])
        rows: list[Any] = cursor.fetchall()
    return rows


class LongTexts(NamedTuple):
    """By product and table."""

    products: dict[int, list[Candidate]]
    tables: dict[int, list[Candidate]]


def read_long_texts(products: Collection[int], tables: Collection[int]) -> LongTexts:
    """One query."""
    found = LongTexts(defaultdict(list), defaultdict(list))
    with prepared_cursor() as cursor:
        cursor.execute(_STATEMENT, {"products": list(products), "tables": list(tables)})
        for pk, field, subject, text in cursor.fetchall():
            texts = list_nested_fields(text) if field == "field" else [strip_markup(text)]
            of_item = found.products[-pk] if pk < 0 else found.tables[pk]
            of_item += [Candidate(field, subject, one) for one in texts]
    return found


MAX_SIMILAR = 5
MAX_WORDS = 24
"""The words of a product by which others are sought: the rarest of its name, texts, tables and columns."""
MAX_DOCUMENTS = 500
"""A word in more documents says too little."""
MAX_SHOWN_WORDS = 4
_LEAST_SHARE = 0.15
"""The share of the weight of its rarest words that another product must share."""
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
    """Products that the person may see, the most similar first. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_SIMILAR, {"person": person.pk, "product": product})
        return [
            SimilarProduct(
                pk, slug, name, strip_markup(summary), tuple(words[:MAX_SHOWN_WORDS]), tuple(terms)
            )
            for pk, slug, name, summary, words, terms in cursor.fetchall()
        ]
