"""Which tables a product may hold: those for which its own domain answers. The database demands it, see ADR 41."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, ProductTable


def links_of_other_domains() -> QuerySet[ProductTable]:
    """Tables in products of another domain than the one that answers for them: what was there before it was refused."""
    beside = ProductTable.objects.filter(table=OuterRef("table")).exclude(
        product__domain=OuterRef("product__domain")
    )
    other = ~Q(table__database__domain=F("product__domain")) & Q(table__database__domain__isnull=False)
    wrong = ProductTable.objects.filter(other | Q(Exists(beside), table__database__domain=None))
    return wrong.select_related("product__domain", "table__database__domain").order_by("product__slug", "pk")


def why_not_held(table: Table, domain_id: int) -> str:
    """Why a product of this domain cannot hold the table; empty when it can."""
    own = table.database.domain
    if own is not None:
        return "" if own.pk == domain_id else _answered_for(table, own.name)
    other = (
        DataProduct.objects.filter(tables=table).exclude(domain=domain_id).select_related("domain").first()
    )
    return _answered_for(table, other.domain.name) if other else ""


def why_not_moved(product: DataProduct) -> str:
    """Why a product cannot be of its domain with the tables that it holds; empty when it can."""
    found = (
        why_not_held(table, product.domain_id) for table in product.tables.select_related("database__domain")
    )
    return next(filter(None, found), "")


def why_not_answered_by(database: Database) -> str:
    """Why a database cannot be of its domain, as others' products hold its tables; empty when it can."""
    held = ProductTable.objects.filter(table__database=database).select_related(
        "product__domain", "table__database"
    )
    if database.domain_id is not None:
        other = held.exclude(product__domain=database.domain_id).first()
    else:
        other = next((link for link in held if why_not_held(link.table, link.product.domain_id)), None)
    if other is None:
        return ""
    words = {"product": other.product.name, "domain": other.product.domain.name, "table": other.table}
    return (
        _(
            "The product %(product)s of %(domain)s contains %(table)s. Remove the table from the product first."
        )
        % words
    )


def _answered_for(table: Table, domain: str) -> str:
    words = {"table": table, "domain": domain}
    return _("%(table)s belongs to %(domain)s. A product can only contain tables of its own domain.") % words
