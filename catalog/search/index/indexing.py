"""Which words of a table or product are indexed, and with which weight."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from catalog.mirror.models import Column
from catalog.mirror.nested_fields import list_nested_fields
from catalog.mirror.snapshot import TableSnapshot
from catalog.products.fields import PRODUCT_FIELDS, SEARCHED_FIELDS
from catalog.products.models import DataProduct, ProductTable
from catalog.search.index.completeness import completeness_of
from catalog.search.index.documents import DocumentVector, update_vectors
from catalog.search.index.tokenizer import indexed_words
from catalog.search.index.vectors import Lexicon, vector_text
from catalog.search.index.vocabulary import add_words, count_words
from catalog.search.markup import plain_text

BATCH = 200
"""Products of one statement, so that their words are counted by it; see ADR 60."""
MAX_IDS = 50_000
"""Of one query: a catalog that is read for the first time has one for each table."""

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
    """Of `parts`, those that make it complete."""
    places: list[str] = field(default_factory=list)

    def words(self) -> DocumentWords:
        return _document_words(
            _Texts([self.name]),
            _Texts(self.written, self.keywords),
            _Texts(self.parts, self.part_names),
            _Texts(names=dict.fromkeys([self.slug, *self.places])),
            completeness_of(self.described, self.part_texts),
        )


def words_of_table(table: TableSnapshot, database: str) -> DocumentWords:
    """No query."""
    names: list[str] = []
    comments: list[str] = []
    for column in table.columns:
        names.append(column.name)
        if "<" in column.type:
            names += list_nested_fields(column.type)
        if column.comment:
            comments.append(plain_text(column.comment))
    described = (table.description, table.owner)
    return _document_words(
        _Texts(names=[table.name]),
        _Texts(map(plain_text, described), [database]),
        _Texts(comments, names),
        _Texts(
            names=[name for name in _location_names(table.location) if name not in (table.name, database)]
        ),
        completeness_of(described, (column.comment for column in table.columns)),
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
        texts = _product_texts(ordered[start : start + BATCH])
        words = {pk: each.words() for pk, each in texts.items()}
        lexicon.learn({word for each in words.values() for weight in each.weights for word in weight})
        vocabulary |= {word for each in words.values() for word in each.vocabulary}
        with connection.cursor() as cursor:
            changed += update_vectors(
                cursor,
                [
                    DocumentVector(-pk, each.completeness, vector_text(each.weights, lexicon))
                    for pk, each in words.items()
                ],
            )
    is_new = bool(add_words(vocabulary))
    if ids is None and (is_new or changed):
        count_words()
    return changed


def index_products_of(tables: Sequence[int]) -> int:
    """`index_products` of those that contain some of these tables."""
    products: set[int] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(tables), MAX_IDS):
            cursor.execute(_CONTAINING, [list(tables[start : start + MAX_IDS])])
            products |= {product for (product,) in cursor.fetchall()}
    return index_products(products)


def _document_words(
    name: _Texts, written: _Texts, parts: _Texts, places: _Texts, completeness: int
) -> DocumentWords:
    vocabulary: list[str] = []
    a, b, c = (indexed_words(*texts, vocabulary) for texts in (name, written, parts))
    return DocumentWords((a, b, c, indexed_words(*places, [])), vocabulary, completeness)


def _location_names(location: str) -> list[str]:
    """The bucket and the parts of the path."""
    return [part for part in location.partition("://")[2].split("/") if part]


def _product_texts(ids: list[int]) -> dict[int, _ProductTexts]:
    products = DataProduct.objects.filter(pk__in=ids)
    found = {
        row["pk"]: _ProductTexts(
            row["name"],
            row["slug"],
            described=["".join(row[one]) for one in _DESCRIBED],
            written=[*(plain_text(row[one.name]) for one in SEARCHED_FIELDS), row["domain__name"]],
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
        texts.parts.append(plain_text(description))
        texts.part_names.append(name)
        texts.part_texts.append(description)
        texts.places += [database, *_location_names(location)]
    columns = Column.objects.filter(table__in=list(of_table))
    for table, name, type_, comment in columns.values_list("table_id", "name", "type", "comment"):
        for texts in of_table[table]:
            texts.part_names += [name, *list_nested_fields(type_)]
            texts.parts.append(plain_text(comment))
            texts.part_texts.append(comment)
    return found
