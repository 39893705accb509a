"""What the request form asks for, as it stands in it: to send it, and to say what would become of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.browse.tables import TablePage
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.states import Use
from portal.request_form.forms import AskForm, Extent
from portal.request_form.offer import chosen_rule
from requests_app.targets.requested_item import RequestedItem


@dataclass(frozen=True)
class Asked:
    """What the form was opened or sent for besides its fields: the table, the ticked columns, the offer's version with
    the values chosen of its rows, by name.
    """

    page: TablePage
    picked: tuple[str, ...]
    version: OfferVersion | None
    rows: Mapping[str, Sequence[str]]

    def item(self, form: AskForm) -> RequestedItem:
        """Ticks stay in the form when the whole table or the metadata are asked for: they count for nothing then.
        RefusedError.
        """
        extent, version = form.chosen_extent, self.version
        metadata, rule = extent == Extent.METADATA, form["row_rule"].value() or ""
        if version and not metadata:
            rule = chosen_rule(version, self.rows, rule)
        return RequestedItem(
            self.page.table.pk,
            self.picked if extent == Extent.COLUMNS else (),
            whole_table=extent == Extent.WHOLE,
            product_id=self._product(),
            row_rule=rule,
            metadata_only=metadata,
            offer_id=version.pk if version else None,
            use=Use.METADATA if metadata and version else form["use"].value() or "",
        )

    def _product(self) -> int | None:
        """The offer's, else the first that holds the table."""
        held = [product.pk for product in self.page.products]
        offered = self.version.offer.product_id if self.version else None
        return offered if offered in held else next(iter(held), None)
