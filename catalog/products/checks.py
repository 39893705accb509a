"""System check for data products that contain tables of other domains.

It runs before `migrate`, on databases of earlier versions: it asks by SQL for columns that were there from the first on.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import connections

MAX_WARNINGS = 10
_IS_MIGRATED = "SELECT to_regprocedure('catalog_demand_own_tables()') IS NOT NULL"
_LIST_MISMATCHED = """
SELECT p.slug, d.name || '.' || t.name
  FROM catalog_producttable l
  JOIN catalog_dataproduct p ON p.id = l.product_id
  JOIN catalog_table t ON t.id = l.table_id
  JOIN catalog_database d ON d.id = t.database_id
 WHERE d.domain_id <> p.domain_id
    OR d.domain_id IS NULL AND EXISTS (
       SELECT FROM catalog_producttable o JOIN catalog_dataproduct q ON q.id = o.product_id
        WHERE o.table_id = t.id AND q.domain_id <> p.domain_id)
 ORDER BY p.slug, l.id LIMIT %s
"""


@register(Tags.database)
def check_product_domains(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """A product of one domain with a table of another, from before that was refused: requests for it are decided by the
    table's domain, and the product's page names another.
    """
    hint = "Take the table out of the product in the administration pages, or give its database the product's domain."
    return [
        Warning(
            f"The product {product} holds {table}, which belongs to another domain.",
            hint=hint,
            id="catalog.W001",
        )
        for alias in databases or ()
        for product, table in _list_mismatched(alias)
    ]


def _list_mismatched(alias: str) -> list[tuple[str, str]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(_IS_MIGRATED)
        if cursor.fetchone() != (True,):
            return []
        cursor.execute(_LIST_MISMATCHED, [MAX_WARNINGS])
        rows: list[tuple[str, str]] = cursor.fetchall()
        return rows
