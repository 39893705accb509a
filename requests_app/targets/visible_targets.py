"""The tables, products and offers of a request that the person may see, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.mirror.models import Table
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct, ProductTable
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import list_versions
from identity.people.models import Person


class TargetReference(Protocol):
    """Names a table, and may name a product and an offer's version."""

    @property
    def table_id(self) -> int: ...
    @property
    def product_id(self) -> int | None: ...
    @property
    def offer_id(self) -> int | None: ...


@dataclass(frozen=True)
class VisibleTargets:
    """`tables` by id, with their columns; `products` by their id and a table's; `offers` by the version's id."""

    tables: Mapping[int, Table]
    products: Mapping[tuple[int, int], DataProduct]
    offers: Mapping[int, OfferVersion]


def read_visible_targets(person: Person, requested_items: Sequence[TargetReference]) -> VisibleTargets:
    """Six queries at most, whatever is asked for."""
    ids = [ask.table_id for ask in requested_items]
    rows = visible_tables(person).filter(pk__in=ids)
    rows = rows.select_related("database__catalog__account", "database__domain").prefetch_related("columns")
    offers = [ask.offer_id for ask in requested_items if ask.offer_id is not None]
    return VisibleTargets(
        tables={table.pk: table for table in rows},
        products=_read_products(person, requested_items, ids),
        offers={one.pk: one for one in list_versions(person, offers)} if offers else {},
    )


def _read_products(
    person: Person, requested_items: Sequence[TargetReference], tables: list[int]
) -> dict[tuple[int, int], DataProduct]:
    named = [ask.product_id for ask in requested_items if ask.product_id is not None]
    if not named:
        return {}
    shown = visible_products(person).filter(pk__in=named)
    parts = ProductTable.objects.filter(product__in=shown, table__in=tables).select_related("product__domain")
    return {(part.product_id, part.table_id): part.product for part in parts}
