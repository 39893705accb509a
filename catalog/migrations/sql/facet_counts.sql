-- Stores the facet counts of the whole mesh: each statement on documents adds rows with what it changed, which
-- are summed up when they are read and joined from time to time. GROUPING has a bit for each key that a group
-- is not grouped by. Arrays are unnested after grouping, when they are few.
DO $make$
DECLARE
  cells text := $cells$SELECT visibility, one.part, CASE WHEN one.part = 'place' THEN domain END AS domain,
    CASE WHEN one.part = 'place' THEN account END AS account, each.value, %1$s documents AS documents
  FROM (SELECT visibility, domain, account, kind, tier, region, format, tag, classification, left(fresh, 10) AS day,
      is_empty, count(*) AS documents,
      GROUPING(account, kind, tier, region, format, tag, classification, left(fresh, 10), is_empty) AS parts
    FROM %2$s WHERE visibility > 0
    GROUP BY visibility, GROUPING SETS ((domain, account), (kind), (tier), (region), (format), (tag),
      (classification), (left(fresh, 10)), (is_empty))) AS grouped
  CROSS JOIN LATERAL (SELECT CASE parts WHEN 255 THEN 'place' WHEN 383 THEN 'total' WHEN 447 THEN 'tier'
    WHEN 479 THEN 'region' WHEN 495 THEN 'format' WHEN 503 THEN 'tag' WHEN 507 THEN 'classification'
    WHEN 509 THEN 'day' ELSE 'empty' END AS part) AS one
  CROSS JOIN LATERAL unnest(CASE one.part WHEN 'total' THEN ARRAY[kind::text] WHEN 'tier' THEN ARRAY[tier::text]
    WHEN 'region' THEN region::text[] WHEN 'format' THEN format::text[] WHEN 'tag' THEN tag
    WHEN 'classification' THEN classification::text[] WHEN 'day' THEN ARRAY[day]
    WHEN 'empty' THEN ARRAY[is_empty::text] ELSE '{""}' END) AS each(value)
  WHERE each.value IS NOT NULL AND NOT (one.part = 'tag'
    AND split_part(each.value, '=', 1) IN ('tier', 'confidentiality'))$cells$;
  inserted text := format(cells, '', 'new_rows');
  deleted text := format(cells, '-', 'old_rows');
  event text;
  changed text;
  transition text;
BEGIN
  FOR event, changed, transition IN VALUES
      ('INSERT', inserted, 'NEW TABLE AS new_rows'),
      ('UPDATE', inserted || ' UNION ALL ' || deleted, 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
      ('DELETE', deleted, 'OLD TABLE AS old_rows') LOOP
    EXECUTE format($function$
CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_facetcount (visibility, part, domain, account, value, documents)
  SELECT visibility, part, domain, account, value, sum(documents) FROM (%2$s) AS cells
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(documents) <> 0;
  RETURN NULL;
END $$$function$, 'catalog_facet_count_' || lower(event), changed);
    EXECUTE format(
      'CREATE TRIGGER %1$I AFTER %2$s ON catalog_document REFERENCING %3$s FOR EACH STATEMENT EXECUTE FUNCTION %4$I()',
      'catalog_facet_count_' || lower(event), event, transition, 'catalog_facet_count_' || lower(event));
  END LOOP;
END $make$;
