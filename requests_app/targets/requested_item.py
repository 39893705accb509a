"""What is requested of one table, as typed and as checked."""

from dataclasses import dataclass
from typing import Protocol

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import OfferVersion


@dataclass(frozen=True)
class RequestedItem:
    """One requested table: some columns, or the whole table with columns yet to come; of all rows, or of those
    that pass a row filter (as typed). Or metadata only: names and types. Under an offer version by its id,
    or none; `use` is how it will be used, empty where that is not said.
    """

    table_id: int
    columns: tuple[str, ...] = ()
    whole_table: bool = False
    product_id: int | None = None
    row_filter: str = ""
    metadata_only: bool = False
    offer_id: int | None = None
    use: str = ""


@dataclass(frozen=True)
class CheckedItem:
    """A requested item whose table, columns and product were found in the mirror; `row_filter` is canonical."""

    table: Table
    columns: tuple[str, ...]
    whole_table: bool
    product: DataProduct | None
    row_filter: str = ""
    metadata_only: bool = False
    offer: OfferVersion | None = None
    use: str = ""

    @property
    def table_id(self) -> int:
        return self.table.pk


class HasTable(Protocol):
    """A requested item, checked or not."""

    @property
    def table_id(self) -> int: ...
