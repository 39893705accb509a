-- The contents of each document, as a view of the catalog. A table that belongs to a product is found only through
-- the product, once that is published; its visibility is its audience (`discovery.sql`).

CREATE VIEW catalog_document_source AS
SELECT t.id, (t.tombstoned_at IS NULL
    AND NOT EXISTS (SELECT FROM catalog_producttable l WHERE l.table_id = t.id))::int::bigint AS visibility,
  CASE WHEN t.view <> '{}' OR t.kind ILIKE '%view%' THEN 'view' ELSE 'table' END::varchar(8) AS kind,
  lower(t.name)::varchar(255) AS name, b.domain_id AS domain, k.account_id AS account,
  nullif(t.tags ->> 'tier', '')::varchar(256) AS tier, ARRAY[k.region]::varchar(30)[] AS region,
  array_remove(ARRAY[t.data_format], '')::varchar(40)[] AS format, ARRAY(
    SELECT tag.key || '=' || tag.value FROM jsonb_each_text(t.tags) AS tag
    ORDER BY (tag.key || '=' || tag.value) COLLATE "C") AS tag,
  t.classes::varchar(10)[] AS classification,
  coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at)::varchar(40) AS fresh, false AS is_empty
FROM catalog_table t
JOIN catalog_database b ON b.id = t.database_id
JOIN identity_connectedcatalog k ON k.id = b.catalog_id
UNION ALL
SELECT -p.id, CASE WHEN p.is_published THEN p.audience ELSE 0 END, 'product', lower(p.name), p.domain_id, NULL, p.tier,
  made.region, made.format,
  ARRAY(SELECT DISTINCT tag.key || '=' || tag.value FROM catalog_producttable l
    JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
    CROSS JOIN LATERAL jsonb_each_text(t.tags) AS tag WHERE l.product_id = p.id ORDER BY 1),
  ARRAY(SELECT DISTINCT class FROM catalog_producttable l
    JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
    CROSS JOIN LATERAL unnest(t.classes) AS class WHERE l.product_id = p.id ORDER BY class),
  made.fresh, made.tables = 0
FROM catalog_dataproduct p CROSS JOIN LATERAL (
  SELECT count(*) AS tables,
    coalesce(max(coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at)::text COLLATE "C"), '') AS fresh,
    coalesce(array_agg(DISTINCT k.region), '{}') AS region,
    coalesce(array_agg(DISTINCT t.data_format) FILTER (WHERE t.data_format <> ''), '{}') AS format
  FROM catalog_producttable l
  JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
  JOIN catalog_database b ON b.id = t.database_id
  JOIN identity_connectedcatalog k ON k.id = b.catalog_id
  WHERE l.product_id = p.id) AS made;

-- Writes documents again from the view, where they differ. A statement that hides a table and one that writes
-- it wait for each other here; the second sees what the first committed.

CREATE FUNCTION catalog_refresh_documents(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(cardinality(ids), 0) = 0 THEN RETURN; END IF;
  PERFORM FROM catalog_document WHERE id = ANY(ids) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO catalog_document AS known (id, visibility, kind, name, domain, account, tier, region, format, tag,
    classification, fresh, is_empty)
  SELECT id, visibility, kind, name, domain, account, tier, region, format, tag, classification, fresh, is_empty
  FROM catalog_document_source WHERE id = ANY(ids) ORDER BY id
  ON CONFLICT (id) DO UPDATE SET (visibility, kind, name, domain, account, tier, region, format, tag,
    classification, fresh, is_empty) = (excluded.visibility, excluded.kind, excluded.name, excluded.domain,
    excluded.account, excluded.tier, excluded.region, excluded.format, excluded.tag, excluded.classification,
    excluded.fresh, excluded.is_empty)
  WHERE (known.visibility, known.kind, known.name, known.domain, known.account, known.tier, known.region,
    known.format, known.tag, known.classification, known.fresh, known.is_empty)
    IS DISTINCT FROM (excluded.visibility, excluded.kind, excluded.name, excluded.domain, excluded.account,
    excluded.tier, excluded.region, excluded.format, excluded.tag, excluded.classification, excluded.fresh,
    excluded.is_empty);
END $$;

-- Keeps documents equal to the view, whatever statement changes a table, product, link, database or catalog.

CREATE FUNCTION catalog_document_table_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed bigint[];
BEGIN
  SELECT array_agg(n.id) INTO changed FROM new_rows n JOIN old_rows o USING (id)
  WHERE (n.name, n.database_id, n.kind, n.data_format, n.classes, n.glue_created_at, n.glue_updated_at,
      n.tombstoned_at, n.tags, n.view)
    IS DISTINCT FROM (o.name, o.database_id, o.kind, o.data_format, o.classes, o.glue_created_at, o.glue_updated_at,
      o.tombstoned_at, o.tags, o.view);
  PERFORM catalog_refresh_documents(changed || ARRAY(
    SELECT DISTINCT -product_id FROM catalog_producttable WHERE table_id = ANY(changed)));
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_document_update AFTER UPDATE ON catalog_table
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_table_changed();

CREATE FUNCTION catalog_document_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM catalog_document WHERE id IN (SELECT -id FROM old_rows);
  ELSE
    PERFORM catalog_refresh_documents(ARRAY(SELECT -id FROM new_rows));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_document_insert AFTER INSERT ON catalog_dataproduct REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_product_changed();
CREATE TRIGGER catalog_document_update AFTER UPDATE ON catalog_dataproduct REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_product_changed();
CREATE TRIGGER catalog_document_delete AFTER DELETE ON catalog_dataproduct REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_product_changed();

CREATE FUNCTION catalog_document_link_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT array_agg(table_id) || array_agg(DISTINCT -product_id) INTO ids FROM old_rows;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT ids || array_agg(table_id) || array_agg(DISTINCT -product_id) INTO ids FROM new_rows;
  END IF;
  PERFORM catalog_refresh_documents(ids);
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_document_insert AFTER INSERT ON catalog_producttable REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_link_changed();
CREATE TRIGGER catalog_document_update AFTER UPDATE ON catalog_producttable
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_link_changed();
CREATE TRIGGER catalog_document_delete AFTER DELETE ON catalog_producttable REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_link_changed();

CREATE FUNCTION catalog_document_location_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed bigint[];
BEGIN
  SELECT array_agg(t.id) INTO changed FROM catalog_table t JOIN catalog_database b ON b.id = t.database_id
  WHERE CASE TG_TABLE_NAME WHEN 'catalog_database' THEN b.id ELSE b.catalog_id END = NEW.id;
  PERFORM catalog_refresh_documents(changed || ARRAY(
    SELECT DISTINCT -product_id FROM catalog_producttable WHERE table_id = ANY(changed)));
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_document_update AFTER UPDATE ON catalog_database FOR EACH ROW
  WHEN ((OLD.domain_id, OLD.catalog_id) IS DISTINCT FROM (NEW.domain_id, NEW.catalog_id))
  EXECUTE FUNCTION catalog_document_location_changed();
CREATE TRIGGER catalog_document_update AFTER UPDATE ON identity_connectedcatalog FOR EACH ROW
  WHEN ((OLD.account_id, OLD.region) IS DISTINCT FROM (NEW.account_id, NEW.region))
  EXECUTE FUNCTION catalog_document_location_changed();
