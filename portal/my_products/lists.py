"""The list of the data products that a person owns or maintains."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.products.may import list_maintained_products
from catalog.products.models import DataProduct
from catalog.products.offers.queries import filter_offered_products
from catalog.revisions.queries import count_draft_tables
from portal.lists.declaration import Column, EmptyState, ListPage
from requests_app.grants.product_use import ProductUse, count_product_uses


@dataclass(frozen=True)
class MyProductRow:
    product: DataProduct
    use: ProductUse
    may_offer: bool
    table_count: int


class MyProductList(ListPage):
    route = "my-products"
    template = "portal/my_products/list.html"
    title = _("My products")
    lead = _("Data products that you own, and those of the teams in which you are a data owner or developer.")
    label = _("Table of my products")
    cells = "portal/my_products/_cells.html"
    columns = (
        Column(_("Product"), "product", is_labelled=False),
        Column(_("Domain"), "components/cells.html#link", "product.domain"),
        Column(_("Owner"), "components/cells.html#link", "product.owner"),
        Column(_("Tables"), "tables", "", "end", "end num"),
        Column(_("Teams with access"), "teams", "", "end", "end num"),
        Column(_("Open requests"), "requests", "", "end", "end num"),
        Column(_("Actions"), "actions", cell_classes="end", is_labelled=False, is_label_hidden=True),
    )
    empty = EmptyState(
        "box",
        _("No data products yet"),
        _("The products of your teams appear here."),
        _("Browse data products"),
        "search",
    )

    def list_rows(self) -> QuerySet[Any]:
        rows = list_maintained_products(self.person).select_related("domain", "owner")
        return rows.annotate(table_count=Count("product_tables")).order_by(Lower("name"), "pk")

    def build_rows(self, rows: list[Any]) -> list[Any]:
        uses, drafted = (
            count_product_uses([product.pk for product in rows], self.now),
            count_draft_tables(rows),
        )
        offered = filter_offered_products(self.person, rows)
        return [
            MyProductRow(
                product, uses[product.pk], product.pk in offered, drafted.get(product.pk, product.table_count)
            )
            for product in rows
        ]
