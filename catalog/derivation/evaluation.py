"""What a product's tables are made from, as the draft or the product has them, and what of it lacks an owner's word."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q
from django.utils import timezone

from catalog.derivation.floor import Agreement, Agreements, ColumnFloor, Graph, Place, compute_floor
from catalog.derivation.graph import read_graph
from catalog.derivation.models import DerivationRequest, select_in_force
from catalog.derivation.sharing_terms import BLOCKING, UpstreamProduct, find_upstream_products
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, ProductTable

Lowered = Mapping[tuple[int, str], str]
"""Classes that columns are to have, by table and column."""
UNCHANGED: Lowered = MappingProxyType({})


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
        return tuple(one for one in self.columns if one.missing)

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
    """Of all of them, by as many queries as of one."""
    graph = read_graph({pk for one in subjects for pk in one.tables})
    declared = {pk for one in subjects for pk in one.inputs}
    if not graph.sources and not declared:
        return [Derivation()] * len(subjects)
    requests = _list_in_force(now)
    facts = _Facts(
        graph=graph,
        agreements=Agreements(_list_agreements(requests)),
        products=_read_products({-node for node in _list_nodes(graph) if node < 0}, declared),
        columns=_read_columns({-node for node in graph.sources if node < 0}, lowered),
        passed_on={(one.product_id, pk) for one in requests for pk in one.passed_on},
    )
    return [_evaluate(one, facts) for one in subjects]


def find_missing_floors(tables: Collection[int], lowered: Lowered, now: datetime) -> list[ColumnFloor]:
    """Of columns with these classes, those that would be below the floor without an owner's word."""
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
        for one in request.columns:
            yield Agreement(
                Place(-one["table"], one["column"].lower()),
                Place(-one["input_table"], one["input_column"].lower()),
                one["floor"],
                one["classification"],
            )


def _list_nodes(graph: Graph) -> set[int]:
    return {*graph.sources, *(node for found in graph.sources.values() for node in found)}


@dataclass(frozen=True)
class _Products:
    """Published and retired ones, by table and by id."""

    by_table: Mapping[int, Collection[UpstreamProduct]]
    by_id: Mapping[int, UpstreamProduct]


def _read_products(tables: Collection[int], declared: Collection[int]) -> _Products:
    """A retired product's terms still apply to what was made from it."""
    links = defaultdict(list)
    for product, table in ProductTable.objects.filter(table__in=tables).values_list("product_id", "table_id"):
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
    return _Products(by_table, by_id)


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
    upstream = find_upstream_products(facts.graph, subject.tables, others, declared)
    return Derivation(
        columns=tuple(one for one in floors if one.inputs),
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
