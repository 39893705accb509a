-- What a hit's rank gains by its use, description, quality, promises, age and reuse, with the weights that people set.
-- The weights are in this order; `ages` are times in the format of Glue's, the latest first.

CREATE FUNCTION catalog_rank_boost(weights double precision[], teams integer, completeness smallint, quality smallint,
  promise varchar, fresh varchar, ages text[], derived integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN weights[1] * least(ln(1 + teams) / ln(1 + 20), 1)
  + weights[2] * completeness / 100.0
  + weights[3] * coalesce(quality, 0) / 100.0
  + CASE WHEN promise = 'kept' THEN weights[4] ELSE 0 END
  + weights[5] * CASE WHEN fresh >= ages[1] THEN 1 WHEN fresh >= ages[2] THEN 0.6 WHEN fresh >= ages[3] THEN 0.3 ELSE 0 END
  + weights[6] * least(ln(1 + derived) / ln(1 + 20), 1);

-- One row: the newest version. The fields are in the order of PostgreSQL's classes of a vector, the least important first:
-- D holds names of places, such as buckets, and counts as C.
CREATE VIEW catalog_ranking AS
SELECT version, fields, boosts, own_domain, ages FROM (
  SELECT id AS version, ARRAY[parts, parts, words, name]::real[] AS fields,
    ARRAY[popularity, completeness, quality, promise, freshness, lineage] AS boosts, own_domain
  FROM catalog_rankingweights
  UNION ALL SELECT 0, '{0.15, 0.15, 0.4, 1}'::real[], '{0.2, 0.1, 0.1, 0.05, 0.05, 0.05}'::double precision[], 0.1
) AS known
CROSS JOIN (
  SELECT array_agg(to_char(now - hours * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS') COLLATE "C" ORDER BY hours) AS ages
  FROM (SELECT meshmarket_now() AT TIME ZONE 'UTC' AS now OFFSET 0) AS today, unnest(ARRAY[24, 168, 720]) AS hours
) AS times
ORDER BY version DESC LIMIT 1;

CREATE INDEX catalog_document_by_quality ON catalog_document (quality, visibility)
  WHERE visibility > 0 AND quality IS NOT NULL;
CREATE INDEX catalog_document_by_promise ON catalog_document (promise, visibility)
  WHERE visibility > 0 AND promise <> '';
