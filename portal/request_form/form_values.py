"""Values of the table request form, for submission and preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.browse.tables import TablePage
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.states import DataUse
from portal.request_form.forms import Extent, TableForm
from portal.request_form.offer import build_chosen_row_filter
from requests_app.targets.requested_item import RequestedItem


@dataclass(frozen=True)
class TableFormValues:
    """Values outside the form's fields: the table, selected columns, the offer version with its row
    values by name, and the slug of the product from whose page the form was opened.
    """

    page: TablePage
    columns: tuple[str, ...]
    version: OfferVersion | None
    row_values: Mapping[str, Sequence[str]]
    product_slug: str = ""

    def build_item(self, form: TableForm) -> RequestedItem:
        """Selected columns are ignored for the whole table and for metadata.
        RefusedError.
        """
        extent, version = form.selected_extent, self.version
        metadata, rule = extent == Extent.METADATA, form["row_filter"].value() or ""
        if version and not metadata:
            rule = build_chosen_row_filter(version, self.row_values, rule)
        return RequestedItem(
            self.page.table.pk,
            self.columns if extent == Extent.COLUMNS else (),
            whole_table=extent == Extent.WHOLE,
            product_id=self._get_product_id(),
            row_filter=rule,
            metadata_only=metadata,
            offer_id=version.pk if version else None,
            use=DataUse.METADATA if metadata and version else form["use"].value() or "",
        )

    def _get_product_id(self) -> int | None:
        """The product of the offer, else the one whose page it was, else the first product with the table."""
        held = {product.slug: product.pk for product in self.page.products}
        offered = self.version.offer.product_id if self.version else None
        return (
            offered
            if offered in held.values()
            else held.get(self.product_slug, next(iter(held.values()), None))
        )
