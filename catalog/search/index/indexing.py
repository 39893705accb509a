"""Search vectors and completeness of the documents of tables and products: written set by set, where they differ.

Weights: A the name, B what people wrote about it, C what it consists of. How a vector
is put together stands in `catalog.search.index.vectors`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from catalog.mirror.models import Column, Table
from catalog.mirror.nested_fields import nested_fields
from catalog.mirror.snapshot import TableSnapshot
from catalog.products.models import DataProduct, ProductTable
from catalog.search.index.completeness import completeness_of
from catalog.search.index.documents import refresh
from catalog.search.index.tokenizer import distinct_words, index_text, indexed_words
from catalog.search.index.vectors import VECTOR
from catalog.search.index.vocabulary import count_words, learn

BATCH = 500
MANY = 50_000
"""Ids of tables in a question for products: a catalog that is read for the first time has as many as it has tables."""

_WRITE = f"""
WITH said AS (
  SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::text[])
    AS said(id, completeness, a, b, c)
), vectors AS (SELECT id, completeness, {VECTOR} AS search FROM said)
UPDATE catalog_document AS row SET search = vectors.search, completeness = vectors.completeness FROM vectors
WHERE row.id = vectors.id
  AND (row.search, row.completeness) IS DISTINCT FROM (vectors.search, vectors.completeness)
"""  # noqa: S608

_HOLDING = "SELECT DISTINCT product_id FROM catalog_producttable WHERE table_id = ANY(%s)"


@dataclass
class _Said:
    a: list[str] = field(default_factory=list)
    b: list[str] = field(default_factory=list)
    c: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TableWords:
    """What `index_tables` will find of a table, by weight; `parts` are the words to be learnt, some repeated."""

    weights: tuple[list[str], list[str], list[str]]
    parts: list[str]


def words_of_table(table: TableSnapshot, database: str) -> TableWords:
    """Before there is a row; no query."""
    parts: list[str] = []
    told: list[str] = []
    for column in table.columns:
        told.append(column.name)
        if "<" in column.type:
            told += nested_fields(column.type)
        if column.comment:
            told.append(column.comment)
    return TableWords(
        (
            indexed_words([table.name], parts),
            indexed_words([table.description, table.owner, database], parts),
            indexed_words(told, parts),
        ),
        parts,
    )


def index_tables(ids: Collection[int]) -> int:
    """Write the vectors of these tables, and learn their words; returns how many differed."""
    seen: set[str] = set()
    changed = sum(_index_tables(batch, seen) for batch in _batches(ids))
    learn(seen)
    return changed


def index_products(ids: Collection[int] | None = None) -> int:
    """Write the vectors of these products, or of all; returns how many differed.

    A product is found by the words of its live tables and their columns too. How often words stand is counted with all
    products alone: it reads every vector, and whoever changes one product or table must not wait for that.
    """
    wanted = DataProduct.objects.values_list("pk", flat=True) if ids is None else ids
    seen: set[str] = set()
    changed = sum(_index_products(batch, seen) for batch in _batches(list(wanted)))
    is_new = bool(learn(seen))
    if ids is None and (is_new or changed):
        count_words()
    return changed


def index_products_of(tables: Sequence[int]) -> int:
    """`index_products` for those that hold some of these tables: by their words they are found."""
    holding: set[int] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(tables), MANY):
            cursor.execute(_HOLDING, [list(tables[start : start + MANY])])
            holding |= {product for (product,) in cursor.fetchall()}
    return index_products(holding)


def _index_tables(ids: list[int], seen: set[str]) -> int:
    said: dict[int, _Said] = defaultdict(_Said)
    rows = Table.objects.filter(pk__in=ids)
    for pk, name, description, owner, database in rows.values_list(
        "pk", "name", "description", "owner", "database__name"
    ):
        said[pk].a.append(name)
        said[pk].b += [description, owner, database]
        said[pk].told = [description, owner]
    columns = Column.objects.filter(table__in=ids).order_by("position")
    for pk, name, type_, comment in columns.values_list("table_id", "name", "type", "comment"):
        said[pk].c += [name, *nested_fields(type_), comment]
        said[pk].parts.append(comment)
    refresh(ids)
    return _write(said, seen)


def _index_products(ids: list[int], seen: set[str]) -> int:
    said: dict[int, _Said] = defaultdict(_Said)
    products = DataProduct.objects.filter(pk__in=ids)
    for pk, name, summary, description, keywords, refreshed, domain in products.values_list(
        "pk", "name", "summary", "description", "keywords", "refresh", "domain__name"
    ):
        said[pk].a.append(name)
        said[pk].b += [summary, description, *keywords, domain]
        said[pk].told = [summary, description, "".join(keywords), refreshed]
    of_table: dict[int, list[int]] = defaultdict(list)
    linked = ProductTable.objects.filter(product__in=ids, table__tombstoned_at=None)
    for product, table, name, description in linked.values_list(
        "product_id", "table_id", "table__name", "table__description"
    ):
        of_table[table].append(product)
        said[product].c += [name, description]
        said[product].parts.append(description)
    columns = Column.objects.filter(table__in=list(of_table))
    for table, name, type_, comment in columns.values_list("table_id", "name", "type", "comment"):
        for product in of_table[table]:
            said[product].c += [name, *nested_fields(type_), comment]
            said[product].parts.append(comment)
    return _write({-pk: each for pk, each in said.items()}, seen)


def _write(said: dict[int, _Said], seen: set[str]) -> int:
    # In the order of ids: two writers never wait for each other in a ring.
    ids = sorted(said)
    for each in said.values():
        seen |= distinct_words([*each.a, *each.b, *each.c])
    texts = [[index_text(getattr(said[pk], weight)) for pk in ids] for weight in "abc"]
    complete = [completeness_of(said[pk].told, said[pk].parts) for pk in ids]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [ids, complete, *texts])
        return int(cursor.rowcount)


def _batches(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
