"""What the rules look at, read for one product as its draft has it, or for many as they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, ProductTable
from catalog.publication_rules.rules import REQUIRABLE_FIELDS, ProductFacts
from identity.people.models import Membership


@dataclass(frozen=True)
class _TableFacts:
    name: str
    domain: int | None
    unclassified: tuple[str, ...]


def read_facts(product: DataProduct, tables: Collection[int]) -> ProductFacts:
    """Of a product with its fields as they are to be, and these tables, by id. Three queries."""
    return _build(product, _read_tables(tables).values(), _list_active_owners([product]))


def read_facts_of_many(products: Sequence[DataProduct]) -> dict[int, ProductFacts]:
    """By id, of products with their domains, as they are. Four queries however many."""
    links: dict[int, list[int]] = {}
    for product, table in ProductTable.objects.filter(product__in=products).values_list(
        "product_id", "table_id"
    ):
        links.setdefault(product, []).append(table)
    tables = _read_tables({table for found in links.values() for table in found})
    owners = _list_active_owners(products)
    return {
        one.pk: _build(one, [tables[pk] for pk in links.get(one.pk, ()) if pk in tables], owners)
        for one in products
    }


def _build(
    product: DataProduct, tables: Iterable[_TableFacts], owners: Collection[tuple[int, int]]
) -> ProductFacts:
    found = list(tables)
    return ProductFacts(
        owner_is_active=(product.owner_id, product.domain.owner_team_id) in owners,
        description=product.description,
        fields={field: getattr(product, field) for field in REQUIRABLE_FIELDS},
        unclassified=tuple(name for table in found for name in table.unclassified),
        foreign_tables=tuple(table.name for table in found if table.domain != product.domain_id),
        tier=product.tier,
    )


def _read_tables(tables: Collection[int]) -> Mapping[int, _TableFacts]:
    rows = (
        Table.objects.filter(pk__in=tables, tombstoned_at=None)
        .select_related("database")
        .order_by("database__name", "name")
    )
    open_columns: dict[int, list[str]] = {}
    for table, column in (
        Column.objects.filter(table__in=tables, classification="")
        .order_by("position")
        .values_list("table_id", "name")
    ):
        open_columns.setdefault(table, []).append(column)
    return {
        row.pk: _TableFacts(
            str(row),
            row.database.domain_id,
            tuple(f"{row.name}.{column}" for column in open_columns.get(row.pk, ())),
        )
        for row in rows
    }


def _list_active_owners(products: Iterable[DataProduct]) -> set[tuple[int, int]]:
    """Person and team of the active data owners among the products' owners."""
    rows = Membership.objects.filter(
        person__in={one.owner_id for one in products}, person__is_active=True, role=Membership.Role.DATA_OWNER
    )
    return set(rows.values_list("person_id", "team_id"))
