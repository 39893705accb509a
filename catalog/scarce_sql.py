"""The statement for words of which one stands in few documents: what matches is grouped and put in order, and no more.

PostgreSQL takes longer to begin a long statement than to find a few hundred rows. What `catalog.standing` knows is given,
and what the groups say is worked out by `catalog.scarce`.
"""

from catalog.documents import EVERYONE
from catalog.glossary_sql import asked_as
from catalog.query import AGES, USED_BY
from catalog.ranking_sql import MOST_WEIGHED, RANK, WEIGHS

HIT, SUMS = -1, -2
"""In place of the bits of a grouping: a row of the page, and the counts of ages, uses and access."""
_SINCE = ", ".join(
    f"to_char(at - interval '{hours} h', 'YYYY-MM-DD\"T\"HH24:MI:SS') COLLATE \"C\" AS since_{hours}"
    for hours in AGES.values()
)
_SUMS = ", ".join(
    [
        "count(*)",
        "count(*) FILTER (WHERE id < 0)",
        *(f"count(*) FILTER (WHERE access = '{access}')" for access in ("have", "ask", "none")),
        *(f"count(*) FILTER (WHERE fresh <> '' AND fresh >= since_{hours})" for hours in AGES.values()),
        *(f"count(*) FILTER (WHERE teams >= {least})" for least in USED_BY),
    ]
)
_VECTOR = f"""CASE WHEN CASE WHEN matched.id < 0 THEN sums.products ELSE sums.documents - sums.products END <= {MOST_WEIGHED}
  THEN matched.search ELSE names END"""
# Of the vector, which lies beside its row, only the pointer is carried along until somebody ranks by it.
_STATEMENT = f"""WITH {WEIGHS}, {asked_as(())}, matched AS MATERIALIZED (
  SELECT d.id, d.kind, d.name, d.names, d.domain, d.account, d.tier, d.region, d.format, d.tag, d.classification, d.fresh,
    d.teams, d.completeness, d.search, CASE WHEN d.id IN (SELECT unnest(%(held)s::bigint[])) THEN 'have'
      WHEN %(may_ask)s AND NOT d.is_empty THEN 'ask' ELSE 'none' END AS access
  FROM catalog_document d CROSS JOIN asked WHERE d.visibility = {EVERYONE} AND d.search @@ asked.q
), sums AS MATERIALIZED (
  SELECT count(*) AS documents, count(*) FILTER (WHERE id < 0) AS products, ARRAY[{_SUMS}] AS each FROM matched
  CROSS JOIN (SELECT {_SINCE} FROM (SELECT meshmarket_now() AT TIME ZONE 'UTC' AS at OFFSET 0) AS now OFFSET 0) AS ages
)
SELECT GROUPING(kind, tier, region, format, classification, tag) AS part, domain, account, kind::text AS said,
  coalesce(tier::text, '') AS tier, region::text[], format::text[], classification::text[], tag, count(*) AS documents FROM matched
GROUP BY GROUPING SETS ((domain, account), (kind), (tier), (region), (format), (classification), (tag))
UNION ALL SELECT {SUMS}, NULL, NULL, '', '', NULL, NULL, NULL, each::text[], 0 FROM sums
UNION ALL SELECT {HIT}, id, teams, access, rank::text, NULL, NULL, classification::text[], ARRAY[name::text], row_number() OVER ()
FROM (
  SELECT * FROM (
    SELECT matched.*, {RANK.format(vector=_VECTOR)} AS rank FROM matched CROSS JOIN asked CROSS JOIN weighs CROSS JOIN sums
    WHERE matched.id < 0 OR sums.products < %(limit)s + %(offset)s
  ) AS ranked ORDER BY (id > 0), rank DESC, name, id LIMIT %(limit)s OFFSET %(offset)s
) AS page"""  # noqa: S608
STATEMENT = " ".join(_STATEMENT.split())
"""Rows (part, domain, account, said, tier, region, format, classification, tag, documents), told apart by `part`: short, as
it is read anew by the driver at each search when it is longer than 4,096 signs.
"""
