-- Guards that a product holds tables of its own domain, that of their database. A database may lose its domain while a
-- product holds its tables: these stay, in products of one domain, but none is added. Checked wherever a product, a link or
-- a database's domain changes.

CREATE OR REPLACE FUNCTION catalog_demand_own_tables() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('catalog_products_of_one_domain'));
  SELECT p.slug, b.name AS database, t.name INTO wrong
    FROM catalog_producttable l JOIN catalog_dataproduct p ON p.id = l.product_id
    JOIN catalog_table t ON t.id = l.table_id JOIN catalog_database b ON b.id = t.database_id
   WHERE CASE TG_TABLE_NAME WHEN 'catalog_producttable' THEN l.id = NEW.id
       WHEN 'catalog_dataproduct' THEN p.id = NEW.id ELSE b.id = NEW.id END
     AND (b.domain_id <> p.domain_id OR (b.domain_id IS NULL AND (TG_TABLE_NAME = 'catalog_producttable' OR EXISTS (
       SELECT FROM catalog_producttable other JOIN catalog_dataproduct its ON its.id = other.product_id
        WHERE other.table_id = l.table_id AND its.domain_id <> p.domain_id))))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'product % would hold %.%, for which another domain or none answers', wrong.slug, wrong.database, wrong.name
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_products_of_one_domain';
  END IF;
  RETURN NULL;
END $$;
