"""Counts the teams that use each table and product, and stores the counts on the search documents."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection, transaction


class TeamUse(NamedTuple):
    """A team that uses a table, perhaps by way of a product."""

    table: int
    product: int | None
    team: int


# A product is used by who uses a table of it. In the order of ids: two writers never wait for each other in a ring.
_STORE_COUNTS = """
WITH said AS (
  SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS said("table", product, team)
), uses AS (
  SELECT "table" AS id, team FROM said
  UNION SELECT -product, team FROM said WHERE product IS NOT NULL
  UNION SELECT -pt.product_id, team FROM said JOIN catalog_producttable pt ON pt.table_id = said."table"
), counted AS (
  SELECT id, count(*) AS teams FROM uses GROUP BY id
), differing AS (
  SELECT d.id, coalesce(counted.teams, 0) AS teams FROM catalog_document d LEFT JOIN counted ON counted.id = d.id
  WHERE (d.teams > 0 OR d.id IN (SELECT id FROM counted)) AND d.teams <> coalesce(counted.teams, 0)
  ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE catalog_document AS row SET teams = differing.teams FROM differing WHERE row.id = differing.id RETURNING row.id"""
# Precomputed completions are in the order of popularity, too. A term is as popular as what it is linked to.
_INVALIDATE_COMPLETIONS = """
SELECT catalog_invalidate_prefixes(ARRAY(
  SELECT name FROM catalog_dataproduct WHERE -id = ANY(%(documents)s)
  UNION SELECT unnest(array_prepend(t.name::text, t.synonyms::text[])) FROM catalog_term t
  JOIN catalog_termlink l ON l.term_id = t.id WHERE coalesce(l.table_id, -l.product_id) = ANY(%(documents)s)), '{}')"""


def store_team_counts(uses: Iterable[TeamUse]) -> int:
    """Count the teams of each table and product by all uses there are; returns how many counts differed."""
    told = list(set(uses))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _STORE_COUNTS,
            [[use.table for use in told], [use.product for use in told], [use.team for use in told]],
        )
        changed = [document for (document,) in cursor.fetchall()]
        if changed:
            cursor.execute(_INVALIDATE_COMPLETIONS, {"documents": changed})
        return len(changed)
