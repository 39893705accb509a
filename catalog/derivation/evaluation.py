"""What a product's tables are made from, as the draft or the product has them, and what of it lacks an owner's word."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from catalog.derivation.floor import RANKS, Agreement, Agreements, ColumnFloor, Graph, Place, compute_floor
from catalog.derivation.models import DerivationRequest, select_in_force
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, ProductTable, SharingTerms

MAX_DEPTH, MAX_EDGES, MAX_COLUMN_EDGES = 10, 20_000, 200_000
# Of a table, the edges that its owner's jobs or views report; of a dataset without a table, all.
_BELIEVED = """JOIN catalog_lineagejob j ON j.id = e.job_id LEFT JOIN catalog_table o ON o.id = t.table_id
    LEFT JOIN catalog_database d ON d.id = o.database_id LEFT JOIN catalog_domain m ON m.id = d.domain_id"""
_IS_BELIEVED = "(j.kind = 'view' OR m.id IS NULL OR j.team_id = m.owner_team_id)"
_UPSTREAM = f"""
WITH RECURSIVE upstream(node, depth) AS (
  SELECT node, 0 FROM unnest(%s::bigint[]) AS node
  UNION
  SELECT s.node, upstream.depth + 1 FROM upstream JOIN catalog_lineagedataset t ON t.node = upstream.node
    JOIN catalog_tableedge e ON e.target_id = t.id JOIN catalog_lineagedataset s ON s.id = e.source_id {_BELIEVED}
   WHERE upstream.depth < %s AND s.node <> t.node AND {_IS_BELIEVED})
SELECT DISTINCT t.node, s.node FROM (SELECT DISTINCT node FROM upstream) AS found
  JOIN catalog_lineagedataset t ON t.node = found.node JOIN catalog_tableedge e ON e.target_id = t.id
  JOIN catalog_lineagedataset s ON s.id = e.source_id {_BELIEVED} WHERE s.node <> t.node AND {_IS_BELIEVED} LIMIT %s"""  # noqa: S608
_COLUMNS = f"""
SELECT DISTINCT t.node, lower(e.target_column), s.node, lower(e.source_column), e.is_direct
  FROM catalog_lineagedataset t JOIN catalog_columnedge e ON e.target_id = t.id
  JOIN catalog_lineagedataset s ON s.id = e.source_id {_BELIEVED}
 WHERE t.node = ANY(%s::bigint[]) AND s.node <> t.node AND {_IS_BELIEVED} LIMIT %s"""  # noqa: S608
BLOCKING = (SharingTerms.WITH_APPROVAL, SharingTerms.FORBIDDEN)
Lowered = Mapping[tuple[int, str], str]
"""Classes that columns are to have, by table and column."""
UNCHANGED: Lowered = MappingProxyType({})


@dataclass(frozen=True)
class UpstreamProduct:
    """`tables` are those of it from which the other product is made; none if its owner only says so."""

    pk: int
    team: int
    passing_on: str
    tables: tuple[int, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """`columns` are those with inputs, in order; `upstream` the products whose terms apply; `blocked` those of them that may not be
    passed on without their owner's word, which is missing.
    """

    columns: tuple[ColumnFloor, ...] = ()
    upstream: tuple[UpstreamProduct, ...] = ()
    blocked: tuple[UpstreamProduct, ...] = ()

    @property
    def breaches(self) -> tuple[ColumnFloor, ...]:
        return tuple(column for column in self.columns if column.missing)

    @property
    def is_allowed(self) -> bool:
        return not self.breaches and not self.blocked


@dataclass(frozen=True)
class Subject:
    """A product with the tables and inputs that it has or is to have, by id."""

    product: DataProduct
    tables: tuple[int, ...]
    inputs: tuple[int, ...]


def read_subject(product: DataProduct) -> Subject:
    """As the product is."""
    tables = product.product_tables.order_by("position", "pk").values_list("table_id", flat=True)
    return Subject(product, tuple(tables), read_inputs(product))


def read_inputs(product: DataProduct) -> tuple[int, ...]:
    return tuple(product.input_links.order_by("input").values_list("input_id", flat=True))


def read_derivation(subject: Subject, now: datetime, lowered: Lowered = UNCHANGED) -> Derivation:
    """Three queries if nothing lies upstream, else about nine. `lowered`: classes instead of those that columns have."""
    return read_derivations([subject], now, lowered)[0]


def read_derivations(
    subjects: Collection[Subject], now: datetime, lowered: Lowered = UNCHANGED
) -> list[Derivation]:
    """Reads the derivations of all subjects with as many queries as for one."""
    graph = read_graph({pk for subject in subjects for pk in subject.tables})
    declared = {pk for subject in subjects for pk in subject.inputs}
    if not graph.sources and not declared:
        return [Derivation()] * len(subjects)
    requests = _list_in_force(now)
    nodes = {*graph.sources, *(node for found in graph.sources.values() for node in found)}
    # A retired product's terms still apply to what was made from it.
    links = defaultdict(list)
    for product, table in ProductTable.objects.filter(
        table__in={-node for node in nodes if node < 0}
    ).values_list("product_id", "table_id"):
        links[product].append(table)
    shown = Q(is_published=True) | Q(retired_at__isnull=False)
    rows = DataProduct.objects.filter(shown, pk__in={*links, *declared})
    by_id = {
        pk: UpstreamProduct(pk, team, passing_on)
        for pk, team, passing_on in rows.values_list("pk", "domain__owner_team", "passing_on")
    }
    by_table: dict[int, list[UpstreamProduct]] = defaultdict(list)
    for product, found in links.items():
        for table in found:
            if product in by_id:
                by_table[table].append(by_id[product])
    facts = _Facts(
        graph=graph,
        agreements=Agreements(_list_agreements(requests)),
        products=_Products(by_table, by_id),
        columns=_read_columns({-node for node in graph.sources if node < 0}, lowered),
        passed_on={(request.product_id, pk) for request in requests for pk in request.passed_on},
    )
    return [_evaluate(subject, facts) for subject in subjects]


def find_missing_floors(tables: Collection[int], lowered: Lowered, now: datetime) -> list[ColumnFloor]:
    """Finds the columns with these classes that would be below the floor without an owner's word."""
    graph = read_graph(tables)
    if not graph.sources:
        return []
    agreements = Agreements(_list_agreements(_list_in_force(now)))
    found = [
        compute_floor(graph, Place(-table, column.lower()), classification, agreements)
        for (table, column), classification in sorted(lowered.items())
    ]
    return [one for one in found if one.missing]


def _list_in_force(now: datetime) -> list[DerivationRequest]:
    return list(DerivationRequest.objects.filter(select_in_force(timezone.localdate(now))))


def _list_agreements(requests: Iterable[DerivationRequest]) -> Iterable[Agreement]:
    for request in requests:
        for column in request.columns:
            yield Agreement(
                Place(-column["table"], column["column"].lower()),
                Place(-column["input_table"], column["input_column"].lower()),
                column["floor"],
                column["classification"],
            )


@dataclass(frozen=True)
class _Products:
    """Published and retired ones, by table and by id."""

    by_table: Mapping[int, Collection[UpstreamProduct]]
    by_id: Mapping[int, UpstreamProduct]


def _read_columns(tables: Collection[int], lowered: Lowered) -> Mapping[int, list[tuple[str, str]]]:
    """Names and classes, by table and in order."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Column.objects.filter(table__in=tables, table__tombstoned_at=None).order_by("table", "position")
    for table, name, classification in rows.values_list("table_id", "name", "classification"):
        found[table].append((name, lowered.get((table, name), classification)))
    return found


@dataclass(frozen=True)
class _Facts:
    """`columns`: names and classes by table. `passed_on`: pairs of a product and one that it may pass on."""

    graph: Graph
    agreements: Agreements
    products: _Products
    columns: Mapping[int, list[tuple[str, str]]]
    passed_on: Collection[tuple[int, int]]


def _evaluate(subject: Subject, facts: _Facts) -> Derivation:
    own, products = subject.product, facts.products
    floors = [
        compute_floor(facts.graph, Place(-table, name.lower()), classification, facts.agreements)
        for table in subject.tables
        for name, classification in facts.columns.get(table, ())
    ]
    others = {table: [one for one in found if one.pk != own.pk] for table, found in products.by_table.items()}
    declared = {pk: products.by_id[pk] for pk in subject.inputs if pk in products.by_id}
    # The nearest ones upstream of the tables, and those that the owner declares. `others` are the others by
    # table. Of the products that have a table in common, those that are declared count, if any.
    found: dict[int, set[int]] = {pk: set() for pk in declared}
    known = dict(declared)
    seen = {-pk for pk in subject.tables}
    waiting = sorted(seen)
    while waiting:
        for source in sorted(facts.graph.sources.get(waiting.pop(), ())):
            if source in seen:
                continue
            seen.add(source)
            here = others.get(-source, ())
            chosen = [one for one in here if one.pk in declared] or here
            for one in chosen:
                known.setdefault(one.pk, one)
                found.setdefault(one.pk, set()).add(-source)
            if not chosen:
                waiting.append(source)
    upstream = [
        UpstreamProduct(pk, known[pk].team, known[pk].passing_on, tuple(sorted(found[pk])))
        for pk in sorted(found)
    ]
    return Derivation(
        columns=tuple(floor for floor in floors if floor.inputs),
        upstream=tuple(upstream),
        blocked=tuple(
            one
            for one in upstream
            if one.passing_on in BLOCKING
            and one.team != own.domain.owner_team_id
            and (own.pk, one.pk) not in facts.passed_on
        ),
    )


def list_tables(pks: Collection[int]) -> dict[int, Table]:
    """With their databases and domains, by id."""
    rows = Table.objects.select_related("database__domain__owner_team", "database__catalog__account")
    return rows.in_bulk(pks)


# Reads what tables are made from, as lineage has it. `catalog.lineage` lies above, so its rows are read by
# SQL.
def read_graph(tables: Collection[int]) -> Graph:
    """All that lies upstream of these tables. One query if nothing does, else four."""
    nodes = sorted({-pk for pk in tables})
    edges = _run(_UPSTREAM, [nodes, MAX_DEPTH, MAX_EDGES]) if nodes else []
    if not edges:
        return Graph()
    sources: dict[int, set[int]] = defaultdict(set)
    for target, source in edges:
        sources[target].add(source)
    columns: dict[Place, set[Place]] = defaultdict(set)
    traced = set()
    for target, column, source, source_column, is_direct in _run(
        _COLUMNS, [sorted(sources), MAX_COLUMN_EDGES]
    ):
        traced.add((target, source))
        if is_direct and column:
            columns[Place(target, column)].add(Place(source, source_column))
    known = {-node for node in {*nodes, *sources, *(one for found in sources.values() for one in found)}}
    tables_found = Table.objects.filter(pk__in=[pk for pk in known if pk > 0])
    rows = list(tables_found.values_list("pk", "classification", "classes", "database__domain__owner_team"))
    classes: dict[int, dict[str, str]] = {
        -pk: {"": max((own, *found), key=RANKS.__getitem__)} for pk, own, found, _team in rows
    }
    classes_columns = Column.objects.filter(table__in=[-node for node in classes])
    for table, name, classification in classes_columns.values_list("table_id", "name", "classification"):
        classes[-table][name.lower()] = classification
    return Graph(
        sources=dict(sources),
        column_sources=dict(columns),
        traced=traced,
        classes=classes,
        teams={-pk: team for pk, _own, _classes, team in rows},
    )


def _run(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
