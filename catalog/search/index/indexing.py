"""Which words of a table or product are indexed, and with which weight."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from catalog.mirror.models import Column
from catalog.mirror.nested_fields import list_nested_fields
from catalog.mirror.snapshot import TableSnapshot
from catalog.products.models import DataProduct, ProductTable
from catalog.search.index.completeness import completeness_of
from catalog.search.index.documents import DocumentVector, update_vectors
from catalog.search.index.tokenizer import indexed_words
from catalog.search.index.vectors import Lexicon, vector_text
from catalog.search.index.vocabulary import add_words, count_words

BATCH = 500
MAX_IDS = 50_000
"""Of one query: a catalog that is read for the first time has one for each table."""

_CONTAINING = "SELECT DISTINCT product_id FROM catalog_producttable WHERE table_id = ANY(%s)"


@dataclass(frozen=True)
class DocumentWords:
    """`weights` are the words of weight A, B and C; `vocabulary` those that are suggested, some of them repeated."""

    weights: tuple[list[str], list[str], list[str]]
    vocabulary: list[str]
    completeness: int


@dataclass
class _ProductTexts:
    name: str
    described: list[str]
    """Texts that make it complete."""
    written: list[str]
    parts: list[str] = field(default_factory=list)
    part_texts: list[str] = field(default_factory=list)
    """Of `parts`, those that make it complete."""

    def words(self) -> DocumentWords:
        return _document_words(
            ([self.name], self.written, self.parts), completeness_of(self.described, self.part_texts)
        )


def words_of_table(table: TableSnapshot, database: str) -> DocumentWords:
    """No query."""
    parts: list[str] = []
    for column in table.columns:
        parts.append(column.name)
        if "<" in column.type:
            parts += list_nested_fields(column.type)
        if column.comment:
            parts.append(column.comment)
    described = (table.description, table.owner)
    completeness = completeness_of(described, (column.comment for column in table.columns))
    return _document_words(([table.name], [*described, database], parts), completeness)


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
    weights: tuple[Iterable[str], Iterable[str], Iterable[str]], completeness: int
) -> DocumentWords:
    vocabulary: list[str] = []
    names, written, parts = (indexed_words(texts, vocabulary) for texts in weights)
    return DocumentWords((names, written, parts), vocabulary, completeness)


def _product_texts(ids: list[int]) -> dict[int, _ProductTexts]:
    products = DataProduct.objects.filter(pk__in=ids)
    found = {
        pk: _ProductTexts(
            name,
            [summary, description, "".join(keywords), refreshed],
            [summary, description, *keywords, domain],
        )
        for pk, name, summary, description, keywords, refreshed, domain in products.values_list(
            "pk", "name", "summary", "description", "keywords", "refresh", "domain__name"
        )
    }
    of_table: dict[int, list[_ProductTexts]] = defaultdict(list)
    links = ProductTable.objects.filter(product__in=ids, table__tombstoned_at=None)
    for product, table, name, description in links.values_list(
        "product_id", "table_id", "table__name", "table__description"
    ):
        of_table[table].append(found[product])
        found[product].parts += [name, description]
        found[product].part_texts.append(description)
    columns = Column.objects.filter(table__in=list(of_table))
    for table, name, type_, comment in columns.values_list("table_id", "name", "type", "comment"):
        for texts in of_table[table]:
            texts.parts += [name, *list_nested_fields(type_), comment]
            texts.part_texts.append(comment)
    return found
