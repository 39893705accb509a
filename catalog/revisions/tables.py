"""Which tables the people of a domain may put into its products.

Tables of databases that belong to the domain. The domain decides on them anyway, so that nobody gains a decision by an
edit. Tables of databases without a domain are added and removed on the administration pages, as role changes.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from kernel.errors import RefusedError
from lakeformation.values.wording import list_names

MAX_TABLES, MAX_LISTED = 500, 5


def list_choosable_tables(product: DataProduct) -> QuerySet[Table]:
    """Tables of the domain that are in the catalog, and those in the product, which may be gone."""
    own = Q(database__domain=product.domain_id, tombstoned_at=None)
    linked = Q(pk__in=product.product_tables.values("table"))
    rows = Table.objects.filter(own | linked).select_related("database__domain")
    return rows.order_by("database__name", "name", "pk")


def check_tables(tables: Iterable[int], product: DataProduct) -> tuple[int, ...]:
    """The ids, once each. RefusedError for a table that is not to be chosen, or that must stay."""
    wanted = tuple(dict.fromkeys(tables))
    if len(wanted) > MAX_TABLES:
        raise RefusedError(_("A product can have at most %(most)s tables.") % {"most": MAX_TABLES}, "tables")
    choosable = {table.pk: table for table in list_choosable_tables(product)}
    if set(wanted) - choosable.keys():
        raise RefusedError(_("Choose tables of the domain's own databases."), "tables")
    linked = product.product_tables.values_list("table_id", flat=True)
    kept = [choosable[pk] for pk in linked if pk not in wanted and choosable[pk].database.domain_id is None]
    if kept:
        names = list_names([str(table) for table in kept], MAX_LISTED)
        said = _(
            "The database of %(tables)s belongs to no domain. Ask a governance admin to remove it from the product."
        )
        raise RefusedError(said % {"tables": names}, "tables")
    return wanted


def write_tables(product: DataProduct, tables: Sequence[int]) -> None:
    """Exactly these tables, in this order."""
    product.product_tables.exclude(table__in=tables).delete()
    links = [
        ProductTable(product=product, table_id=pk, position=position)
        for position, pk in enumerate(tables, start=1)
    ]
    ProductTable.objects.bulk_create(
        links, update_conflicts=True, unique_fields=["product", "table"], update_fields=["position"]
    )
