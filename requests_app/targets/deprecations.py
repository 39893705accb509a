"""Whether deprecated products may be requested, and until when products that will be retired may be used."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.product_lifecycle.models import find_request_refusals
from catalog.products.may import filter_visible_products
from catalog.products.models import DataProduct, ProductTable
from identity.people.models import Person, Team
from kernel.errors import RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.targets.requested_item import CheckedItem

# Products are only read, so that approvals of one product never wait for each other, but for the change of its life cycle.
_LOCK_PRODUCTS = """
SELECT p.name, p.retires_at, p.retired_at FROM catalog_dataproduct p
 WHERE CASE WHEN %(product)s::bigint IS NOT NULL THEN p.id = %(product)s
       ELSE p.id IN (SELECT product_id FROM catalog_producttable WHERE table_id = %(table)s) END
 ORDER BY p.id FOR SHARE OF p"""


@dataclass(frozen=True)
class TableProducts:
    """The published products of some tables that the person sees, by table, and of products what forbids a request."""

    by_table: Mapping[int, tuple[DataProduct, ...]]
    refusals: Mapping[int, str]

    def find_refusal(self, table_id: int, product: DataProduct | None) -> str:
        """Returns the refusal of the product that is named; else of the table where no product of it may be requested. Or empty."""
        products = (product,) if product is not None else self.by_table.get(table_id, ())
        said = [self.refusals.get(one.pk, "") for one in products]
        return said[0] if said and all(said) else ""

    def find_end(self, table_id: int, product: DataProduct | None) -> datetime | None:
        """When the product is retired that is named, or the last of the table's; None where one stays."""
        products = (product,) if product is not None else self.by_table.get(table_id, ())
        ends = [one.retires_at for one in products]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None


def read_table_products(
    table_ids: Collection[int], person: Person, team: Team, now: datetime
) -> TableProducts:
    """One query, and up to four where one is deprecated or limited to an audience."""
    by_table: dict[int, list[DataProduct]] = defaultdict(list)
    links = ProductTable.objects.filter(table__in=table_ids, product__is_published=True)
    rows = list(links.select_related("product__domain").order_by("pk"))
    shown = {product.pk for product in filter_visible_products(person, [link.product for link in rows])}
    for link in rows:
        if link.product_id in shown:
            by_table[link.table_id].append(link.product)
    deprecated = {
        product.pk
        for products in by_table.values()
        for product in products
        if product.deprecated_at is not None
    }
    refusals = find_request_refusals(deprecated, person, team, now) if deprecated else {}
    return TableProducts({pk: tuple(products) for pk, products in by_table.items()}, refusals)


def check_requestable(found: TableProducts, checked_item: CheckedItem, ends_at: datetime) -> None:
    """RefusedError for a deprecated product, or an end after the product's own."""
    if refusal := found.find_refusal(checked_item.table_id, checked_item.product):
        raise RefusedError(refusal, "items")
    end = found.find_end(checked_item.table_id, checked_item.product)
    if end is not None and ends_at > end:
        raise RefusedError(_describe_end(end), "ends_at")


def find_target_refusal(
    table_ids: Iterable[int], person: Person, team: Team, ends_at: datetime | None, now: datetime
) -> str:
    """Why a database, or LF-Tags, that reach these tables cannot be requested, or empty."""
    ids = list(table_ids)
    table_products = read_table_products(ids, person, team, now)
    refusals = (table_products.find_refusal(pk, None) for pk in ids)
    if refusal := next(filter(None, refusals), ""):
        return refusal
    ends = [end for end in (table_products.find_end(pk, None) for pk in ids) if end is not None]
    return _describe_end(min(ends)) if ends and ends_at is not None and ends_at > min(ends) else ""


def lock_and_check_end(item: RequestItem) -> None:
    """No retirement of the item's product is scheduled until the transaction ends. RefusedError if the item ends after
    one that is.
    """
    words = {"product": item.product_id, "table": item.table_id if item.target.is_single_table else None}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PRODUCTS, words)
        rows = cursor.fetchall()
    if rows and all(retired for _name, _due, retired in rows):
        raise RefusedError(_("%(product)s is retired.") % {"product": rows[0][0]}, "items")
    left = [due for _name, due, retired in rows if not retired]
    if left and all(due is not None and item.ends_at > due for due in left):
        raise RefusedError(_describe_end(max(left)), "ends_at")


def _describe_end(end: datetime) -> str:
    day = date_format(timezone.localtime(end), _("j F Y"))
    return _("The product will be retired on %(day)s. Choose an earlier end.") % {"day": day}
