"""Which words of a table or product are indexed, and with which weight.

A vector contains each word as it is, for prefixes, and at the same position its stem, so that "claim" finds "claims"; with
weight A for the name, B for what people wrote about it, C for its parts, and D for where it is stored. PostgreSQL reads each word once. Putting vectors
together here takes a third of the time that PostgreSQL takes.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from operator import add
from typing import Any, NamedTuple

from django.db import connection

from catalog.mirror.columns import list_nested_fields
from catalog.mirror.models import Column
from catalog.mirror.snapshot import TableSnapshot
from catalog.products.fields import PRODUCT_FIELDS, SEARCHED_FIELDS
from catalog.products.models import DataProduct, ProductTable
from catalog.search.facet_definitions import STORED
from catalog.search.index.tokenizer import build_indexed_words
from catalog.search.index.vocabulary import add_words, count_words
from catalog.search.markup import strip_markup
from kernel.advisory_locks import AdvisoryLock, try_session_lock


def compute_completeness(texts: Iterable[str], part_texts: Iterable[str]) -> int:
    """0 to 100: each of `texts` counts as much as the share of `part_texts` that are not empty.

    Of a product `texts` are summary, description, keywords and refresh, `part_texts` its tables' descriptions and columns'
    comments; of a table description and owner, and its columns' comments.
    """
    given, described = list(map(bool, texts)), list(map(bool, part_texts))
    share = sum(described) / len(described) if described else 0
    return round(100 * (sum(given) + share) / (len(given) + 1))


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
    """`id` is the table's, or the product's with a minus; `vector` is one of `build_vector_text`."""

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


MAX_POSITION = 16_383
"""PostgreSQL's limit; further words are at the last position."""
MAX_CHARACTERS = 200_000
"""Characters of the words of one weight, as a vector holds one megabyte."""
FEW_WORDS = 50
"""Never as long as `MAX_CHARACTERS`."""

# PostgreSQL's parser reads 1e5 as a number. It reads any other ASCII letters and digits as one word.
_NUMBER = re.compile(r"\d+e")
MAX_PLAIN = 500
"""Characters of a word."""
_STEMS = "SELECT word, coalesce(nullif((ts_lexize('english_stem', word))[1], word), '') FROM unnest(%s::text[]) AS word"
_LEXEMES = """SELECT DISTINCT word, lexeme, position FROM unnest(%s::text[]) AS word CROSS JOIN LATERAL (
  SELECT lexeme, positions FROM unnest(to_tsvector('simple', word))
  UNION ALL SELECT lexeme, positions FROM unnest(to_tsvector('english', word))) AS read
CROSS JOIN LATERAL unnest(positions) AS position ORDER BY word, position, lexeme"""


class Lexicon:
    """What PostgreSQL reads in words.

    `stems`: word → stem, empty for a stop word and for a word that is its own stem; words with a digit have none.
    `lexemes`: of words that PostgreSQL may read otherwise than as one word, each with its position in the word.
    """

    def __init__(self) -> None:
        self.stems: dict[str, str] = {}
        self.lexemes: dict[str, list[tuple[str, int]]] = {}

    def __len__(self) -> int:
        return len(self.stems) + len(self.lexemes)

    def learn(self, words: Collection[str]) -> None:
        """One query for new words, and one for those that are not plain."""
        new = set(words).difference(self.stems, self.lexemes)
        special = {word for word in new if _is_special(word)}
        stemmed = sorted(filter(str.isalpha, new - special))
        with connection.cursor() as cursor:
            if stemmed:
                cursor.execute(_STEMS, [stemmed])
                self.stems.update(cursor.fetchall())
            if special:
                cursor.execute(_LEXEMES, [sorted(special)])
                found = defaultdict(list)
                for word, lexeme, position in cursor.fetchall():
                    found[word].append((lexeme, position))
                self.lexemes.update({word: found[word] for word in special})

    def read(self, word: str) -> list[tuple[str, int]]:
        """The lexemes of a word that was learnt, each with its position in it."""
        if word in self.lexemes:
            return self.lexemes[word]
        stem = self.stems.get(word)
        return [(word, 1), (stem, 1)] if stem else [(word, 1)]

    def are_plain(self, words: Iterable[str]) -> bool:
        return not self.lexemes or self.lexemes.keys().isdisjoint(words)


def build_vector_text(weights: Sequence[Sequence[str]], lexicon: Lexicon) -> str:
    """`weights` are the words of A, B, C and D, learnt by `lexicon` before. Words may be repeated: PostgreSQL joins them."""
    parts: list[str] = []
    end = 0
    for letter, words in zip("ABCD", map(_cut, weights), strict=True):
        if lexicon.are_plain(words):
            positions = _list_positions(letter)[end : end + len(words)]
            positions += [f":{MAX_POSITION}{letter}"] * (len(words) - len(positions))
            parts += map(add, words, positions)
            stems = map(lexicon.stems.get, words)
            parts += [stem + position for stem, position in zip(stems, positions, strict=True) if stem]
            end += len(words)
        else:
            for word in words:
                lexemes = lexicon.read(word)
                parts += [f"{each}:{min(end + at, MAX_POSITION)}{letter}" for each, at in lexemes]
                end += max((at for _, at in lexemes), default=0)
    return " ".join(parts)


@cache
def _list_positions(letter: str) -> list[str]:
    return [f":{at}{letter}" for at in range(1, MAX_POSITION + 1)]


def _cut(words: Sequence[str]) -> Sequence[str]:
    if len(words) <= FEW_WORDS or sum(map(len, words)) + len(words) <= MAX_CHARACTERS:
        return words
    ends = accumulate(len(word) + 1 for word in words)
    return words[: sum(end <= MAX_CHARACTERS for end in ends)]


def _is_special(word: str) -> bool:
    return not word.isascii() or len(word) > MAX_PLAIN or _NUMBER.match(word) is not None


BATCH = 200
"""Products of one statement, so that their words are counted by it; see ADR 60."""
MAX_IDS = 50_000
"""Ids of one query: a catalog that is read for the first time has one for each table."""

_DESCRIBED = tuple(one.name for one in PRODUCT_FIELDS if one.is_part_of_completeness)
_READ = {"name", "keywords", *_DESCRIBED, *(one.name for one in SEARCHED_FIELDS)}
_CONTAINING = "SELECT DISTINCT product_id FROM catalog_producttable WHERE table_id = ANY(%s)"


@dataclass(frozen=True)
class DocumentWords:
    """`weights` are the words of weight A, B, C and D; `vocabulary` those that are suggested, some of them repeated."""

    weights: tuple[list[str], list[str], list[str], list[str]]
    vocabulary: list[str]
    completeness: int


class _Texts(NamedTuple):
    """`names` are identifiers, whose camel case is split."""

    texts: Iterable[str] = ()
    names: Iterable[str] = ()


@dataclass
class _ProductTexts:
    name: str
    slug: str
    described: list[str]
    """Texts that make it complete."""
    written: list[str]
    keywords: list[str]
    parts: list[str] = field(default_factory=list)
    part_names: list[str] = field(default_factory=list)
    part_texts: list[str] = field(default_factory=list)
    """The texts of those `parts` that make it complete."""
    places: list[str] = field(default_factory=list)

    def words(self) -> DocumentWords:
        return _list_document_words(
            _Texts([self.name]),
            _Texts(self.written, self.keywords),
            _Texts(self.parts, self.part_names),
            _Texts(names=dict.fromkeys([self.slug, *self.places])),
            compute_completeness(self.described, self.part_texts),
        )


def list_words_of_table(table: TableSnapshot, database: str) -> DocumentWords:
    """No query."""
    names: list[str] = []
    comments: list[str] = []
    for column in table.columns:
        names.append(column.name)
        if "<" in column.type:
            names += list_nested_fields(column.type)
        if column.comment:
            comments.append(strip_markup(column.comment))
    described = (table.description, table.owner)
    return _list_document_words(
        _Texts(names=[table.name]),
        _Texts(map(strip_markup, described), [database]),
        _Texts(comments, names),
        _Texts(
            names=[
                name for name in _list_location_names(table.location) if name not in (table.name, database)
            ]
        ),
        compute_completeness(described, (column.comment for column in table.columns)),
    )


def index_products(ids: Collection[int] | None = None) -> int:
    """Write the vectors of these products, or of all; returns how many differed.

    A product is found by the words of its live tables and their columns too. Words are counted only with all products: this
    reads every vector, and a change of one product or table must not wait for it.
    """
    wanted = DataProduct.objects.values_list("pk", flat=True) if ids is None else ids
    ordered, lexicon = sorted(wanted), Lexicon()
    vocabulary: set[str] = set()
    changed = 0
    for start in range(0, len(ordered), BATCH):
        texts = _list_product_texts(ordered[start : start + BATCH])
        words = {pk: each.words() for pk, each in texts.items()}
        lexicon.learn({word for each in words.values() for weight in each.weights for word in weight})
        vocabulary |= {word for each in words.values() for word in each.vocabulary}
        with connection.cursor() as cursor:
            changed += update_vectors(
                cursor,
                [
                    DocumentVector(-pk, each.completeness, build_vector_text(each.weights, lexicon))
                    for pk, each in words.items()
                ],
            )
    is_new = bool(add_words(vocabulary))
    if ids is None and (is_new or changed):
        count_words()
    return changed


def index_products_of_tables(tables: Sequence[int]) -> int:
    """`index_products` of those that contain some of these tables."""
    products: set[int] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(tables), MAX_IDS):
            cursor.execute(_CONTAINING, [list(tables[start : start + MAX_IDS])])
            products |= {product for (product,) in cursor.fetchall()}
    return index_products(products)


def _list_document_words(
    name: _Texts, written: _Texts, parts: _Texts, places: _Texts, completeness: int
) -> DocumentWords:
    vocabulary: list[str] = []
    a, b, c = (build_indexed_words(*texts, vocabulary) for texts in (name, written, parts))
    return DocumentWords((a, b, c, build_indexed_words(*places, [])), vocabulary, completeness)


def _list_location_names(location: str) -> list[str]:
    """The bucket and the parts of the path."""
    return [part for part in location.partition("://")[2].split("/") if part]


def _list_product_texts(ids: list[int]) -> dict[int, _ProductTexts]:
    products = DataProduct.objects.filter(pk__in=ids)
    found = {
        row["pk"]: _ProductTexts(
            row["name"],
            row["slug"],
            described=["".join(row[one]) for one in _DESCRIBED],
            written=[*(strip_markup(row[one.name]) for one in SEARCHED_FIELDS), row["domain__name"]],
            keywords=row["keywords"],
        )
        for row in products.values("pk", "slug", "domain__name", *_READ)
    }
    of_table: dict[int, list[_ProductTexts]] = defaultdict(list)
    links = ProductTable.objects.filter(product__in=ids, table__tombstoned_at=None)
    for product, table, name, description, location, database in links.values_list(
        "product_id",
        "table_id",
        "table__name",
        "table__description",
        "table__location",
        "table__database__name",
    ):
        texts = found[product]
        of_table[table].append(texts)
        texts.parts.append(strip_markup(description))
        texts.part_names.append(name)
        texts.part_texts.append(description)
        texts.places += [database, *_list_location_names(location)]
    columns = Column.objects.filter(table__in=list(of_table))
    for table, name, type_, comment in columns.values_list("table_id", "name", "type", "comment"):
        for texts in of_table[table]:
            texts.part_names += [name, *list_nested_fields(type_)]
            texts.parts.append(strip_markup(comment))
            texts.part_texts.append(comment)
    return found


# In the order of ids: two writers never wait for each other in a ring. A promise whose fact is not known is neither kept nor
# broken. The freshness of a product is that of its newest day, which is today's or yesterday's.
_STORE = """
WITH member AS MATERIALIZED (
  SELECT pt.product_id, pt.table_id FROM catalog_producttable pt
  JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL
), result AS MATERIALIZED (
  SELECT ruleset.table_id, sum(latest.passed) AS passed, sum(latest.evaluated) AS evaluated
  FROM catalog_qualityruleset ruleset JOIN catalog_qualityresult latest ON latest.id = ruleset.latest_id
  WHERE ruleset.table_id IS NOT NULL GROUP BY 1
), edge AS MATERIALIZED (
  SELECT DISTINCT source.table_id AS source, target.table_id AS target FROM catalog_tableedge edge
  JOIN catalog_lineagedataset source ON source.id = edge.source_id
  JOIN catalog_lineagedataset target ON target.id = edge.target_id
  JOIN catalog_lineagejob job ON job.id = edge.job_id JOIN catalog_table made ON made.id = target.table_id
  JOIN catalog_database place ON place.id = made.database_id LEFT JOIN catalog_domain owner ON owner.id = place.domain_id
  WHERE source.table_id <> target.table_id
    AND (job.kind = 'view' OR owner.id IS NULL OR job.team_id = owner.owner_team_id)
), quality AS (
  SELECT table_id AS id, passed, evaluated FROM result
  UNION ALL SELECT -product_id, sum(passed), sum(evaluated) FROM member JOIN result USING (table_id) GROUP BY 1
), derived AS (
  SELECT source AS id, count(*) AS tables FROM edge GROUP BY 1
  UNION ALL SELECT -product_id, count(DISTINCT target) FROM member JOIN edge ON source = table_id GROUP BY 1
), promise AS (
  SELECT -p.id AS id, CASE
    WHEN EXISTS (SELECT FROM catalog_promisebreach b WHERE b.product_id = p.id AND b.ended_at IS NULL) THEN 'broken'
    WHEN (p.quality_percent IS NULL OR EXISTS (SELECT FROM quality q WHERE q.id = -p.id AND q.evaluated > 0))
      AND (p.freshness_hours IS NULL OR (
        SELECT d.state FROM catalog_freshnessday d WHERE d.product_id = p.id
          AND d.day >= (meshmarket_now() AT TIME ZONE 'UTC')::date - 1 ORDER BY d.day DESC LIMIT 1) = 'fresh')
      THEN 'kept' ELSE '' END AS state
  FROM catalog_dataproduct p WHERE p.quality_percent IS NOT NULL OR p.freshness_hours IS NOT NULL
), differing AS (
  SELECT d.id, floor(100.0 * quality.passed / nullif(quality.evaluated, 0)) AS quality,
    coalesce(promise.state, '') AS promise, coalesce(derived.tables, 0) AS derived
  FROM catalog_document d LEFT JOIN quality ON quality.id = d.id LEFT JOIN promise ON promise.id = d.id
  LEFT JOIN derived ON derived.id = d.id
  WHERE (d.quality, d.promise, d.derived) IS DISTINCT FROM (
    floor(100.0 * quality.passed / nullif(quality.evaluated, 0)), coalesce(promise.state, ''), coalesce(derived.tables, 0))
  ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE catalog_document AS row SET quality = differing.quality, promise = differing.promise, derived = differing.derived
FROM differing WHERE row.id = differing.id"""


def store_quality_signals() -> int:
    """Returns of how many documents something differed."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE)
        return int(cursor.rowcount)
