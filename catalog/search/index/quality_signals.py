"""Stores on the search documents how good the data is, whether promises are kept, and how much is made from it."""

from django.db import connection

# In the order of ids: two writers never wait for each other in a ring. A promise whose fact is not known is neither kept nor
# broken. The freshness of a product is that of its newest day, which is today's or yesterday's.
_STORE = """
WITH member AS MATERIALIZED (
  SELECT pt.product_id, pt.table_id FROM catalog_producttable pt
  JOIN catalog_table t ON t.id = pt.table_id AND t.tombstoned_at IS NULL
), result AS MATERIALIZED (
  SELECT ruleset.table_id, sum(latest.passed) AS passed, sum(latest.evaluated) AS evaluated
  FROM catalog_qualityruleset ruleset JOIN catalog_qualityresult latest ON latest.id = ruleset.latest_id
  WHERE ruleset.table_id IS NOT NULL GROUP BY 1
), edge AS MATERIALIZED (
  SELECT DISTINCT source.table_id AS source, target.table_id AS target FROM catalog_tableedge edge
  JOIN catalog_lineagedataset source ON source.id = edge.source_id
  JOIN catalog_lineagedataset target ON target.id = edge.target_id
  JOIN catalog_lineagejob job ON job.id = edge.job_id JOIN catalog_table made ON made.id = target.table_id
  JOIN catalog_database place ON place.id = made.database_id LEFT JOIN catalog_domain owner ON owner.id = place.domain_id
  WHERE source.table_id <> target.table_id
    AND (job.kind = 'view' OR owner.id IS NULL OR job.team_id = owner.owner_team_id)
), quality AS (
  SELECT table_id AS id, passed, evaluated FROM result
  UNION ALL SELECT -product_id, sum(passed), sum(evaluated) FROM member JOIN result USING (table_id) GROUP BY 1
), derived AS (
  SELECT source AS id, count(*) AS tables FROM edge GROUP BY 1
  UNION ALL SELECT -product_id, count(DISTINCT target) FROM member JOIN edge ON source = table_id GROUP BY 1
), promise AS (
  SELECT -p.id AS id, CASE
    WHEN EXISTS (SELECT FROM catalog_promisebreach b WHERE b.product_id = p.id AND b.ended_at IS NULL) THEN 'broken'
    WHEN (p.quality_percent IS NULL OR EXISTS (SELECT FROM quality q WHERE q.id = -p.id AND q.evaluated > 0))
      AND (p.freshness_hours IS NULL OR (
        SELECT d.state FROM catalog_freshnessday d WHERE d.product_id = p.id
          AND d.day >= (meshmarket_now() AT TIME ZONE 'UTC')::date - 1 ORDER BY d.day DESC LIMIT 1) = 'fresh')
      THEN 'kept' ELSE '' END AS state
  FROM catalog_dataproduct p WHERE p.quality_percent IS NOT NULL OR p.freshness_hours IS NOT NULL
), differing AS (
  SELECT d.id, floor(100.0 * quality.passed / nullif(quality.evaluated, 0)) AS quality,
    coalesce(promise.state, '') AS promise, coalesce(derived.tables, 0) AS derived
  FROM catalog_document d LEFT JOIN quality ON quality.id = d.id LEFT JOIN promise ON promise.id = d.id
  LEFT JOIN derived ON derived.id = d.id
  WHERE (d.quality, d.promise, d.derived) IS DISTINCT FROM (
    floor(100.0 * quality.passed / nullif(quality.evaluated, 0)), coalesce(promise.state, ''), coalesce(derived.tables, 0))
  ORDER BY d.id FOR NO KEY UPDATE OF d
)
UPDATE catalog_document AS row SET quality = differing.quality, promise = differing.promise, derived = differing.derived
FROM differing WHERE row.id = differing.id"""


def store_quality_signals() -> int:
    """Returns of how many documents something differed."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE)
        return int(cursor.rowcount)
