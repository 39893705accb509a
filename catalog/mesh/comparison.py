"""Compares the schemas of all tables, once a day, and stores which are similar and which columns can be joined."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from catalog.glossary.models import TermLink
from catalog.glossary.states import TermState
from catalog.mesh.models import JoinColumn, SchemaComparison, SimilarTable
from catalog.mesh.schema_similarity import (
    MIN_COLUMNS,
    Features,
    build_features,
    get_type_family,
    group_similar_tables,
)
from catalog.mirror.models import Column
from catalog.products.models import ProductTable
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock

MAX_TABLES = 50
"""A name in more tables than this, as `id`, says little about what is meant."""
_KEY_NAME = re.compile(r"(?:.+_)?(?:id|key|no|nr|number|code|uuid|guid|ref|iban|bic|isin|lei|symbol)")
_KEY_TYPES = frozenset({"int", "string", "decimal", "date"})
MIN_NAME_LENGTH = 4
COMPARED_EVERY = timedelta(days=1)
BATCH = 2000


class KeyedColumn(NamedTuple):
    """A column of a product's table."""

    table: int
    product: int
    name: str
    data_type: str


class FoundKey(NamedTuple):
    table: int
    column: str
    kind: JoinColumn.Kind
    key: str


def compare_schemas(now: datetime) -> int:
    """Store what is similar now in place of what was; returns how many tables were compared. 0 if another worker does it."""
    with transaction.atomic():
        if not try_transaction_lock(AdvisoryLock.SCHEMA_COMPARISON):
            return 0
        schemas = dict(_read_schemas())
        SimilarTable.objects.all().delete()
        rows = (
            SimilarTable(table_id=table, group=group[0])
            for group in group_similar_tables(schemas)
            for table in group
        )
        SimilarTable.objects.bulk_create(rows, batch_size=BATCH)
        JoinColumn.objects.all().delete()
        key_rows = (
            JoinColumn(table_id=one.table, column=one.column, kind=one.kind, key=one.key)
            for one in [*find_name_keys(_read_product_columns()), *find_term_keys(_read_term_links())]
        )
        JoinColumn.objects.bulk_create(key_rows, batch_size=BATCH)
        row = {"finished_at": now, "table_count": len(schemas)}
        SchemaComparison.objects.update_or_create(id=1, defaults=row)
    return len(schemas)


def _read_schemas() -> Iterator[tuple[int, Features]]:
    """Of live tables."""
    live = Column.objects.filter(table__tombstoned_at=None, table__database__tombstoned_at=None)
    rows = live.order_by("table_id").values_list("table_id", "name", "type")
    for table, columns in groupby(rows.iterator(chunk_size=BATCH), key=itemgetter(0)):
        found = [(name, data_type) for _table, name, data_type in columns]
        if len(found) >= MIN_COLUMNS:
            yield table, build_features(found)


def _read_product_columns() -> Iterator[KeyedColumn]:
    links = ProductTable.objects.filter(table__tombstoned_at=None, product__retired_at=None)
    rows = links.values_list("table_id", "product_id", "table__columns__name", "table__columns__type")
    for table, product, name, data_type in rows.exclude(table__columns__name=None).iterator(chunk_size=BATCH):
        yield KeyedColumn(table, product, name, data_type)


def _read_term_links() -> Iterator[tuple[int, str, int, int]]:
    """Of approved terms, and of columns that still exist."""
    columns = Column.objects.filter(table=OuterRef("table"), name=OuterRef("column"))
    links = TermLink.objects.filter(
        Exists(columns),
        term__state=TermState.APPROVED,
        table__tombstoned_at=None,
        table__product_tables__product__retired_at=None,
    )
    rows = links.annotate(product_of_table=F("table__product_tables__product"))
    yield from rows.exclude(product_of_table=None).values_list(
        "table_id", "column", "product_of_table", "term_id"
    )


def find_name_keys(columns: Iterable[KeyedColumn]) -> list[FoundKey]:
    """Columns with a name as keys have it, which is in tables of several products but not in many, with the same type."""
    by_key: dict[str, list[KeyedColumn]] = defaultdict(list)
    for one in columns:
        family, name = get_type_family(one.data_type), one.name.lower()
        if family in _KEY_TYPES and len(name) >= MIN_NAME_LENGTH and _KEY_NAME.fullmatch(name):
            by_key[f"{name}:{family}"].append(one)
    return [
        found
        for key, rows in by_key.items()
        if len({row.product for row in rows}) > 1 and len({row.table for row in rows}) <= MAX_TABLES
        for found in sorted({FoundKey(row.table, row.name, JoinColumn.Kind.NAME, key) for row in rows})
    ]


def find_term_keys(links: Iterable[tuple[int, str, int, int]]) -> list[FoundKey]:
    """Of (table, column, product, term): columns with a term that columns of another product have, too."""
    by_term: dict[int, set[tuple[int, str, int]]] = defaultdict(set)
    for table, column, product, term in links:
        by_term[term].add((table, column, product))
    return [
        found
        for term, rows in by_term.items()
        if len({product for _table, _column, product in rows}) > 1
        for found in sorted(
            {FoundKey(table, column, JoinColumn.Kind.TERM, f"{term}") for table, column, _product in rows}
        )
    ]
