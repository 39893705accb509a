"""A product may contain only tables of its own domain. The database enforces this, see ADR 41."""

from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, ProductTable


def explain_table_refusal(table: Table, domain_id: int) -> str:
    """Why a product of this domain cannot contain the table, or an empty string."""
    if table.database.domain_id is None:
        words = {"table": table}
        return (
            _("%(table)s belongs to no domain yet. A product can only contain tables of its own domain.")
            % words
        )
    return _explain_other_domain(table, domain_id)


def _explain_other_domain(table: Table, domain_id: int) -> str:
    """The same of a table that is in a product already: its database may have lost its domain."""
    own = table.database.domain
    if own is not None:
        return "" if own.pk == domain_id else _format_other_domain(table, own.name)
    other = (
        DataProduct.objects.filter(tables=table).exclude(domain=domain_id).select_related("domain").first()
    )
    return _format_other_domain(table, other.domain.name) if other else ""


def explain_move_refusal(product: DataProduct) -> str:
    """Why the product cannot belong to its domain with its tables, or an empty string."""
    found = (
        _explain_other_domain(table, product.domain_id)
        for table in product.tables.select_related("database__domain")
    )
    return next(filter(None, found), "")


def explain_domain_refusal(database: Database) -> str:
    """Why the database cannot belong to its domain because products of others contain its tables, or an empty string."""
    held = ProductTable.objects.filter(table__database=database).select_related(
        "product__domain", "table__database"
    )
    if database.domain_id is not None:
        other = held.exclude(product__domain=database.domain_id).first()
    else:
        other = next(
            (link for link in held if _explain_other_domain(link.table, link.product.domain_id)), None
        )
    if other is None:
        return ""
    words = {"product": other.product.name, "domain": other.product.domain.name, "table": other.table}
    return (
        _(
            "The product %(product)s of %(domain)s contains %(table)s. Remove the table from the product first."
        )
        % words
    )


def _format_other_domain(table: Table, domain: str) -> str:
    words = {"table": table, "domain": domain}
    return _("%(table)s belongs to %(domain)s. A product can only contain tables of its own domain.") % words
