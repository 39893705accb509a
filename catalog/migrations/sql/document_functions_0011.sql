-- Writes the functions that list the columns of a document, from the columns of its view: the one that refreshes documents and
-- those that store facet counts. A migration that gives the view a column calls it again. Counted are all columns but `id`,
-- `visibility` and `name`; domain and account together, as the part `place`, and `fresh` by its day. GROUPING has a bit for each
-- key that a group is not grouped by, the last key the lowest. Arrays are unnested after grouping, when they are few.
CREATE FUNCTION catalog_make_document_functions() RETURNS void LANGUAGE plpgsql AS $make$
DECLARE
  columns text;
  changes text;
  counted text;
  keys text;
  sets text;
  parts text;
  part_values text;
  cells text;
  event text;
  changed text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
    string_agg(format('%1$I = excluded.%1$I', attname), ', ' ORDER BY attnum) FILTER (WHERE attname <> 'id')
  INTO columns, changes FROM pg_attribute
  WHERE attrelid = 'catalog_document_source'::regclass AND attnum > 0 AND NOT attisdropped;
  EXECUTE format($function$
CREATE OR REPLACE FUNCTION catalog_refresh_documents(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(cardinality(ids), 0) = 0 THEN RETURN; END IF;
  PERFORM FROM catalog_document WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO catalog_document AS known (%1$s)
  SELECT %1$s FROM catalog_document_source WHERE id = ANY(ids) ORDER BY id
  ON CONFLICT (id) DO UPDATE SET %2$s
  WHERE (%3$s) IS DISTINCT FROM (%4$s);
END $$$function$, columns, changes, 'known.' || replace(columns, ', ', ', known.'),
    'excluded.' || replace(columns, ', ', ', excluded.'));

  WITH key AS (
    SELECT CASE attname WHEN 'kind' THEN 'total' WHEN 'fresh' THEN 'day' WHEN 'is_empty' THEN 'empty' ELSE attname END AS part,
      CASE attname WHEN 'fresh' THEN 'left(fresh, 10)' ELSE quote_ident(attname) END AS expression,
      CASE attname WHEN 'fresh' THEN 'day' ELSE quote_ident(attname) END AS name, atttypid::regtype::text LIKE '%[]' AS is_list,
      count(*) OVER () AS number, row_number() OVER (ORDER BY attnum) AS place
    FROM pg_attribute WHERE attrelid = 'catalog_document_source'::regclass AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'visibility', 'name', 'domain', 'account')
  ), masked AS (SELECT *, (1 << (number + 1)::int) - 1 - (1 << (number - place)::int) AS bits FROM key)
  SELECT string_agg(expression || ' AS ' || name, ', ' ORDER BY place), string_agg(expression, ', ' ORDER BY place),
    string_agg('(' || expression || ')', ', ' ORDER BY place), string_agg(format('WHEN %s THEN %L', bits, part), ' ' ORDER BY place),
    string_agg(format(CASE WHEN is_list THEN 'WHEN %s THEN %s::text[]' ELSE 'WHEN %s THEN ARRAY[%s::text]' END, bits, name),
      ' ' ORDER BY place)
  INTO counted, keys, sets, parts, part_values FROM masked;
  cells := format($cells$SELECT visibility, one.part, CASE WHEN one.part = 'place' THEN domain END AS domain,
    CASE WHEN one.part = 'place' THEN account END AS account, each.value, %%1$s documents AS documents
  FROM (SELECT visibility, domain, account, %1$s, count(*) AS documents, GROUPING(account, %2$s) AS parts
    FROM %%2$s WHERE visibility > 0 GROUP BY visibility, GROUPING SETS ((domain, account), %3$s)) AS grouped
  CROSS JOIN LATERAL (SELECT CASE parts %4$s ELSE 'place' END AS part) AS one
  CROSS JOIN LATERAL unnest(CASE parts %5$s ELSE '{""}' END) AS each(value)
  WHERE each.value IS NOT NULL AND NOT (one.part = 'tag'
    AND split_part(each.value, '=', 1) IN ('tier', 'confidentiality'))$cells$,
    counted, keys, sets, parts, part_values);
  FOR event, changed IN VALUES
      ('insert', format(cells, '', 'new_rows')),
      ('update', format(cells, '', 'new_rows') || ' UNION ALL ' || format(cells, '-', 'old_rows')),
      ('delete', format(cells, '-', 'old_rows')) LOOP
    EXECUTE format($function$
CREATE OR REPLACE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_facetcount (visibility, part, domain, account, value, documents)
  SELECT visibility, part, domain, account, value, sum(documents) FROM (%2$s) AS cells
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(documents) <> 0;
  RETURN NULL;
END $$$function$, 'catalog_facet_count_' || event, changed);
  END LOOP;
END $make$;

SELECT catalog_make_document_functions();

-- Computes the code of a document's facets again, with those of the view: see `document_storage.sql` and ADR 37. It writes every
-- document, so only a migration that gives the view a column calls it.
CREATE FUNCTION catalog_make_facet_code() RETURNS void LANGUAGE plpgsql AS $make$
DECLARE
  hashes text;
BEGIN
  SELECT string_agg(format(CASE
      WHEN t.typname IN ('int8', 'int4') THEN 'hashint8extended(coalesce(%1$I, 0), %2$s)'
      WHEN t.typname = 'bool' THEN 'hashint8extended(%1$I::int, %2$s)'
      WHEN t.typcategory = 'A' THEN 'hash_array_extended(%1$I, %2$s)'
      ELSE 'hashtextextended(coalesce(%1$I, ''''), %2$s)' END, a.attname, a.attnum), ' # ' ORDER BY a.attnum)
  INTO hashes FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = 'catalog_document_source'::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname NOT IN ('id', 'visibility', 'name', 'fresh', 'tag');
  EXECUTE format('ALTER TABLE catalog_document DROP facet_code, ADD facet_code bigint NOT NULL GENERATED ALWAYS AS (%s) STORED',
    hashes);
END $make$;
