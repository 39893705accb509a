"""Compares the schemas of all tables, once a day, and stores which are similar and which columns can be joined."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from catalog.glossary.models import TermLink
from catalog.glossary.states import TermState
from catalog.mesh.join_keys import FoundKey, KeyedColumn, find_name_keys, find_term_keys
from catalog.mesh.models import JoinColumn, SchemaComparison, SimilarTable
from catalog.mesh.schema_similarity import MIN_COLUMNS, Features, build_features, group_similar_tables
from catalog.mirror.models import Column
from catalog.products.models import ProductTable
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock

COMPARED_EVERY = timedelta(days=1)
BATCH = 2000


def compare_schemas(now: datetime) -> int:
    """Store what is similar now in place of what was; returns how many tables were compared. 0 if another worker does it."""
    with transaction.atomic():
        if not try_transaction_lock(AdvisoryLock.SCHEMA_COMPARISON):
            return 0
        schemas = dict(_read_schemas())
        _store_groups(group_similar_tables(schemas))
        _store_keys([*find_name_keys(_read_product_columns()), *find_term_keys(_read_term_links())])
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


def _store_groups(groups: Iterable[list[int]]) -> None:
    SimilarTable.objects.all().delete()
    rows = (SimilarTable(table_id=table, group=group[0]) for group in groups for table in group)
    SimilarTable.objects.bulk_create(rows, batch_size=BATCH)


def _read_product_columns() -> Iterator[KeyedColumn]:
    links = ProductTable.objects.filter(table__tombstoned_at=None, product__retired_at=None)
    rows = links.values_list("table_id", "product_id", "table__columns__name", "table__columns__type")
    for table, product, name, data_type in rows.exclude(table__columns__name=None).iterator(chunk_size=BATCH):
        yield KeyedColumn(table, product, name, data_type)


def _read_term_links() -> Iterator[tuple[int, str, int, int]]:
    """Of approved terms, and of columns that still exist."""
    columns = Column.objects.filter(table=OuterRef("table"), name=OuterRef("column"))
    links = TermLink.objects.filter(
        Exists(columns), term__state=TermState.APPROVED, table__tombstoned_at=None,
        table__product_tables__product__retired_at=None,
    )  # fmt: skip
    rows = links.annotate(product_of_table=F("table__product_tables__product"))
    yield from rows.exclude(product_of_table=None).values_list(
        "table_id", "column", "product_of_table", "term_id"
    )


def _store_keys(keys: Iterable[FoundKey]) -> None:
    JoinColumn.objects.all().delete()
    rows = (JoinColumn(table_id=one.table, column=one.column, kind=one.kind, key=one.key) for one in keys)
    JoinColumn.objects.bulk_create(rows, batch_size=BATCH)
