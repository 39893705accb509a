"""The tables, products and offers of a request that the person may see, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.discovery import find_request_refusals
from catalog.mirror.models import Table, load_column_facts
from catalog.products.may import filter_visible_products
from catalog.products.models import DataProduct, ProductTable
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import list_versions
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, find_common_refusal
from requests_app.access_requests.locks import TABLE_ROWS


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
    """`tables` by id, with their columns; `products` by their id and a table's; `offers` by the version's id. `refusals` say by
    id of a product who may request it, of those that the person sees but may not request.
    """

    tables: Mapping[int, Table]
    products: Mapping[tuple[int, int], DataProduct]
    offers: Mapping[int, OfferVersion]
    refusals: Mapping[int, Verdict]

    def find_refusal(self, target: TargetReference) -> Verdict:
        """Returns the refusal of the product that is named; of a table alone, where none of its products may be requested."""
        named = [product for product, table in self.products if table == target.table_id]
        if target.product_id is not None:
            named = [target.product_id]
        return find_common_refusal([self.refusals.get(pk, ALLOWED) for pk in named])


def read_visible_targets(person: Person, requested_items: Sequence[TargetReference]) -> VisibleTargets:
    """What `visible_tables` and `visible_products` say, decided here: as queries they take longer to build than these
    rows to read. Five queries at most, whatever is requested.
    """
    ids = {ask.table_id for ask in requested_items}
    links = list(ProductTable.objects.filter(table__in=ids).select_related("product__domain"))
    shown = {product.pk for product in filter_visible_products(person, [link.product for link in links])}
    products = {(link.product_id, link.table_id): link.product for link in links if link.product_id in shown}
    hidden = {link.table_id for link in links} - {table for _product, table in products}
    rows = list(Table.objects.filter(pk__in=ids - hidden).select_related(*TABLE_ROWS))
    load_column_facts(rows)
    offers = [ask.offer_id for ask in requested_items if ask.offer_id is not None]
    return VisibleTargets(
        tables={table.pk: table for table in rows},
        products=products,
        offers={version.pk: version for version in list_versions(person, offers)} if offers else {},
        refusals=find_request_refusals(
            person, {product.pk: product for product in products.values()}.values()
        ),
    )
