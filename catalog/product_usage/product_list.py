"""How much each of many products is read. A table of several products counts for each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection

OF_PRODUCTS = """of_products AS (
  SELECT link.product_id, base.catalog_id, base.name AS database, source.name AS "table"
    FROM catalog_producttable link JOIN catalog_table source ON source.id = link.table_id
    JOIN catalog_database base ON base.id = source.database_id WHERE link.product_id = ANY(%(products)s))"""
_READS = f"""
WITH said AS (
  SELECT catalog_id, database, "table", account, sum(reads) AS reads, max(day) AS last
    FROM catalog_usageday WHERE day >= %(since)s GROUP BY 1, 2, 3, 4),
{OF_PRODUCTS}
SELECT of_products.product_id, sum(said.reads), count(DISTINCT coalesce(account.team_id::text, said.account)), max(said.last)
  FROM of_products JOIN said USING (catalog_id, database, "table")
  LEFT JOIN identity_account account ON account.account_id = said.account GROUP BY 1"""  # noqa: S608 - no values


@dataclass(frozen=True)
class ProductReads:
    """`teams` counts each account that is not connected as a team."""

    reads: int
    teams: int
    last: date


def list_product_reads(products: Collection[int], since: date) -> dict[int, ProductReads]:
    """By id; products without a known read are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_READS, {"products": list(products), "since": since})
        return {pk: ProductReads(int(reads), teams, last) for pk, reads, teams, last in cursor.fetchall()}
