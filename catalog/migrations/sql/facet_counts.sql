-- Keeps the facet counts of the whole mesh: each statement on documents adds rows with what it changed, which
-- are summed up when they are read and joined from time to time. What is grouped by is told by GROUPING: a
-- bit for each key that was left out. Arrays are taken apart after grouping, when they are few.
DO $make$
DECLARE
  cells text := $cells$SELECT visibility, told.part, CASE WHEN told.part = 'place' THEN domain END AS domain,
    CASE WHEN told.part = 'place' THEN account END AS account, said.value, %1$s documents AS documents
  FROM (SELECT visibility, domain, account, kind, tier, region, format, tag, classification, left(fresh, 10) AS day,
      is_empty, count(*) AS documents,
      GROUPING(account, kind, tier, region, format, tag, classification, left(fresh, 10), is_empty) AS parts
    FROM %2$s WHERE visibility > 0
    GROUP BY visibility, GROUPING SETS ((domain, account), (kind), (tier), (region), (format), (tag),
      (classification), (left(fresh, 10)), (is_empty))) AS grouped
  CROSS JOIN LATERAL (SELECT CASE parts WHEN 255 THEN 'place' WHEN 383 THEN 'total' WHEN 447 THEN 'tier'
    WHEN 479 THEN 'region' WHEN 495 THEN 'format' WHEN 503 THEN 'tag' WHEN 507 THEN 'classification'
    WHEN 509 THEN 'day' ELSE 'empty' END AS part) AS told
  CROSS JOIN LATERAL unnest(CASE told.part WHEN 'total' THEN ARRAY[kind::text] WHEN 'tier' THEN ARRAY[tier::text]
    WHEN 'region' THEN region::text[] WHEN 'format' THEN format::text[] WHEN 'tag' THEN tag
    WHEN 'classification' THEN classification::text[] WHEN 'day' THEN ARRAY[day]
    WHEN 'empty' THEN ARRAY[is_empty::text] ELSE '{""}' END) AS said(value)
  WHERE said.value IS NOT NULL AND NOT (told.part = 'tag'
    AND split_part(said.value, '=', 1) IN ('tier', 'confidentiality'))$cells$;
  inserted text := format(cells, '', 'now_there');
  deleted text := format(cells, '-', 'was_there');
  event text;
  changed text;
  transition text;
BEGIN
  FOR event, changed, transition IN VALUES
      ('INSERT', inserted, 'NEW TABLE AS now_there'),
      ('UPDATE', inserted || ' UNION ALL ' || deleted, 'OLD TABLE AS was_there NEW TABLE AS now_there'),
      ('DELETE', deleted, 'OLD TABLE AS was_there') LOOP
    EXECUTE format($function$
CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_facetcount (visibility, part, domain, account, value, documents)
  SELECT visibility, part, domain, account, value, sum(documents) FROM (%2$s) AS cells
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(documents) <> 0;
  RETURN NULL;
END $$$function$, 'catalog_count_' || lower(event), changed);
    EXECUTE format(
      'CREATE TRIGGER %1$I AFTER %2$s ON catalog_document REFERENCING %3$s FOR EACH STATEMENT EXECUTE FUNCTION %4$I()',
      'catalog_counts_follow_' || lower(event), event, transition, 'catalog_count_' || lower(event));
  END LOOP;
END $make$;
