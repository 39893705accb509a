"""What the rules look at, read for one product as its draft has it, or for many as they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from catalog.classification.queries import list_unclassified_personal_columns
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, ProductTable
from catalog.publication_rules.rules import REQUIRABLE_FIELDS, ProductFacts
from identity.people.models import Membership


@dataclass(frozen=True)
class _TableFacts:
    name: str
    domain: int | None
    column_count: int
    unclassified: tuple[str, ...]
    unclassified_personal: tuple[str, ...]


def read_facts(product: DataProduct, tables: Collection[int]) -> ProductFacts:
    """Of a product with its fields as they are to be, and these tables, by id. Four queries."""
    return _build(product, _read_tables(tables).values(), _list_active_owners([product]))


def read_facts_of_many(products: Sequence[DataProduct]) -> dict[int, ProductFacts]:
    """By id, of products with their domains, as they are. Five queries however many."""
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
        table_count=len(found),
        column_count=sum(table.column_count for table in found),
        fields={field: getattr(product, field) for field in REQUIRABLE_FIELDS},
        unclassified=tuple(name for table in found for name in table.unclassified),
        unclassified_personal=tuple(name for table in found for name in table.unclassified_personal),
        foreign_tables=tuple(table.name for table in found if table.domain != product.domain_id),
        tier=product.tier,
    )


def _read_tables(tables: Collection[int]) -> Mapping[int, _TableFacts]:
    rows = (
        Table.objects.filter(pk__in=tables, tombstoned_at=None)
        .select_related("database")
        .annotate(column_count=Count("columns"))
        .order_by("database__name", "name")
    )
    unclassified = Column.objects.filter(table__in=tables, classification="").order_by("position")
    open_columns = _name_columns(unclassified.values_list("table_id", "table__name", "name"))
    personal = _name_columns(
        (one.table_id, one.table.name, one.column)
        for one in list_unclassified_personal_columns(Table.objects.filter(pk__in=tables))
    )
    return {
        row.pk: _TableFacts(
            str(row),
            row.database.domain_id,
            row.column_count,
            open_columns.get(row.pk, ()),
            personal.get(row.pk, ()),
        )
        for row in rows
    }


def _name_columns(columns: Iterable[tuple[int, str, str]]) -> Mapping[int, tuple[str, ...]]:
    """As `table.column`, by the table's id, from that id and both names."""
    found: dict[int, tuple[str, ...]] = {}
    for table, table_name, column in columns:
        found[table] = (*found.get(table, ()), f"{table_name}.{column}")
    return found


def _list_active_owners(products: Iterable[DataProduct]) -> set[tuple[int, int]]:
    """Person and team of the active data owners among the products' owners."""
    rows = Membership.objects.filter(
        person__in={one.owner_id for one in products}, person__is_active=True, role=Membership.Role.DATA_OWNER
    )
    return set(rows.values_list("person_id", "team_id"))
