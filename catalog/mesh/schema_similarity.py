"""Groups tables with similar schemas. Pure: values in, groups out.

A column counts by its name, and once more by its name and type. Rare columns weigh more than common ones. Two schemas are
similar if the weight of what they share is at least `THRESHOLD` of the weight of what either has (weighted Jaccard).
Only schemas that share one of their rarest columns are compared: by the prefix rule no others can be similar.
"""

import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef

from catalog.glossary.models import TermLink
from catalog.glossary.states import TermState
from catalog.mesh.extent import list_mesh_tables
from catalog.mesh.models import JoinColumn, SchemaComparison, SimilarTable
from catalog.mirror.models import Column, Table
from catalog.products.models import ProductTable
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock

THRESHOLD = 0.5
RARE = 5
"""Schemas that may have a column while it counts as rare as can be."""
MIN_COLUMNS = 3
"""Schemas with fewer columns are similar by chance."""
MAX_CANDIDATES = 200
"""Schemas that one schema is compared with: those that share most of its rarest columns."""
_FAMILIES = {
    "integer": "int", "tinyint": "int", "smallint": "int", "bigint": "int",
    "varchar": "string", "char": "string", "text": "string", "real": "float", "double": "float", "numeric": "decimal",
}  # fmt: skip
Features = Sequence[int]


@lru_cache(maxsize=100_000)
def get_type_family(data_type: str) -> str:
    """`varchar(20)` is `string`, `bigint` is `int`."""
    base = data_type.lower().partition("(")[0].partition("<")[0].strip()
    return _FAMILIES.get(base, base)


@lru_cache(maxsize=200_000)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def build_features(columns: Iterable[tuple[str, str]]) -> Features:
    """Features of (name, type) of each column; equal for equal schemas in any order of columns."""
    found = set()
    for name, data_type in columns:
        found.add(_hash(name.lower()))
        found.add(_hash(f"{name.lower()}:{get_type_family(data_type)}"))
    return array("q", sorted(found))


def compute_similarity(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> float:
    """From 0 to 1, with all columns of the same weight."""
    first, second = set(build_features(one)), set(build_features(other))
    either = first | second
    return len(first & second) / len(either) if either else 0.0


@dataclass(frozen=True)
class _Schema:
    """A schema that one or more tables have. `features` begin with the rarest."""

    tables: tuple[int, ...]
    features: tuple[int, ...]
    weight: float


@dataclass
class _Index:
    """The first schema of each group, by the rarest features."""

    weights: Mapping[int, float]
    groups: list[list[int]] = field(default_factory=list)
    leaders: list[_Schema] = field(default_factory=list)
    postings: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, schema: _Schema) -> None:
        prefix = self._list_prefix(schema)
        counts = Counter(place for feature in prefix for place in self.postings.get(feature, ()))
        own, best, found = set(schema.features), THRESHOLD, None
        for place, _count in counts.most_common(MAX_CANDIDATES):
            score = self._compare(own, schema.weight, self.leaders[place])
            if score > best or (score == best and found is None):
                best, found = score, place
        if found is not None:
            self.groups[found].extend(schema.tables)
            return
        for feature in prefix:
            self.postings[feature].append(len(self.leaders))
        self.leaders.append(schema)
        self.groups.append(list(schema.tables))

    def _list_prefix(self, schema: _Schema) -> list[int]:
        """So many of the rarest that whoever shares only the rest cannot be similar."""
        left, prefix = schema.weight, []
        for feature in schema.features:
            if left < THRESHOLD * schema.weight:
                break
            prefix.append(feature)
            left -= self.weights[feature]
        return prefix

    def _compare(self, own: set[int], weight: float, other: _Schema) -> float:
        shared = sum(self.weights[feature] for feature in other.features if feature in own)
        return shared / (weight + other.weight - shared)


def group_similar_tables(schemas: Mapping[int, Features]) -> list[list[int]]:
    """Ids of tables that are similar to the first of their group; groups of one are left out."""
    equal: dict[bytes, list[int]] = defaultdict(list)
    for table, features in schemas.items():
        equal[bytes(memoryview(array("q", features)))].append(table)
    firsts = {tables[0]: tables for tables in equal.values()}
    counts = Counter(feature for first in firsts for feature in schemas[first])
    weights = {feature: math.log1p(len(firsts) / max(count, RARE)) for feature, count in counts.items()}
    index = _Index(weights)
    for first, tables in sorted(firsts.items(), key=lambda one: (-len(one[1]), one[0])):
        features = sorted(schemas[first], key=lambda feature: (counts[feature], feature))
        weight = math.fsum(weights[feature] for feature in features)
        index.add(_Schema(tuple(tables), tuple(features), weight))
    return [sorted(group) for group in index.groups if len(group) > 1]


MAX_GROUPS, MAX_SHOWN_TABLES = 30, 8


@dataclass(frozen=True)
class SimilarGroup:
    """`tables` are the first ones, `total` how many the person sees. `shared` columns are in all that are shown, of
    `columns` different ones; `similarity` is of the two that differ most.
    """

    tables: Sequence[Table]
    total: int
    shared: int
    columns: int
    similarity: float


def get_last_comparison() -> SchemaComparison | None:
    return SchemaComparison.objects.first()


def list_similar_groups(person: Person) -> list[SimilarGroup]:
    """Groups of the most tables come first. Three queries."""
    similar_tables = SimilarTable.objects.filter(table__in=list_mesh_tables(person))
    counted = similar_tables.values("group").annotate(total=Count("pk")).filter(total__gt=1)
    totals = dict(counted.order_by("-total", "group").values_list("group", "total")[:MAX_GROUPS])
    members: dict[int, list[Table]] = defaultdict(list)
    rows = similar_tables.filter(group__in=totals).select_related(
        "table__database__catalog", "table__database__domain"
    )
    for row in rows.order_by("table__name", "table__database__name"):
        if len(members[row.group]) < MAX_SHOWN_TABLES:
            members[row.group].append(row.table)
    tables = [table.pk for tables in members.values() for table in tables]
    columns: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for table, name, data_type in Column.objects.filter(table__in=tables).values_list(
        "table", "name", "type"
    ):
        columns[table].append((name, data_type))
    return [_build_group(members[group], total, columns) for group, total in totals.items()]


def _build_group(
    tables: Sequence[Table], total: int, columns: dict[int, list[tuple[str, str]]]
) -> SimilarGroup:
    counts = Counter(name.lower() for table in tables for name, _type in columns[table.pk])
    first, *others = tables
    return SimilarGroup(
        tables=tables,
        total=total,
        shared=sum(count == len(tables) for count in counts.values()),
        columns=len(counts),
        similarity=min(compute_similarity(columns[first.pk], columns[other.pk]) for other in others),
    )


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
            JoinColumn(table_id=key.table, column=key.column, kind=key.kind, key=key.key)
            for key in [*find_name_keys(_read_product_columns()), *find_term_keys(_read_term_links())]
        )
        JoinColumn.objects.bulk_create(key_rows, batch_size=BATCH)
        row = {"finished_at": now, "table_count": len(schemas)}
        SchemaComparison.objects.update_or_create(id=1, defaults=row)
    return len(schemas)


def _read_schemas() -> Iterator[tuple[int, Features]]:
    """The schemas of live tables."""
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
    """Links of approved terms to columns that still exist."""
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
    for column in columns:
        family, name = get_type_family(column.data_type), column.name.lower()
        if family in _KEY_TYPES and len(name) >= MIN_NAME_LENGTH and _KEY_NAME.fullmatch(name):
            by_key[f"{name}:{family}"].append(column)
    return [
        found
        for key, rows in by_key.items()
        if len({row.product for row in rows}) > 1 and len({row.table for row in rows}) <= MAX_TABLES
        for found in sorted({FoundKey(row.table, row.name, JoinColumn.Kind.NAME, key) for row in rows})
    ]


def find_term_keys(links: Iterable[tuple[int, str, int, int]]) -> list[FoundKey]:
    """Keys found from (table, column, product, term): columns with a term that columns of another product have, too."""
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
