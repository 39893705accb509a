"""System check for data products that contain tables of other domains."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import connections

from catalog.products.domain_consistency import list_mismatched_links

MAX_WARNINGS = 10


@register(Tags.database)
def check_product_domains(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """A product of one domain with a table of another, from before that was refused: requests for it are decided by the
    table's domain, and the product's page names another.
    """
    if not databases or not _is_migrated():
        return []
    hint = "Take the table out of the product in the administration pages, or give its database the product's domain."
    return [
        Warning(f"The product {link.product.slug} holds {link.table}, which belongs to another domain.", hint=hint,
                id="catalog.W001")
        for link in list_mismatched_links()[:MAX_WARNINGS]
    ]  # fmt: skip


def _is_migrated() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('catalog_demand_own_tables()') IS NOT NULL")
        row = cursor.fetchone()
    return bool(row and row[0])
