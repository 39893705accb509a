-- Guards that a product holds tables of its own domain: that of their database, or, where the database has
-- none, that of no other domain's product. Checked wherever a product, a link or a database's domain changes.

CREATE FUNCTION catalog_demand_own_tables() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('catalog_products_of_one_domain'));
  SELECT p.slug, b.name AS database, t.name INTO wrong
    FROM catalog_producttable l JOIN catalog_dataproduct p ON p.id = l.product_id
    JOIN catalog_table t ON t.id = l.table_id JOIN catalog_database b ON b.id = t.database_id
   WHERE CASE TG_TABLE_NAME WHEN 'catalog_producttable' THEN l.id = NEW.id
       WHEN 'catalog_dataproduct' THEN p.id = NEW.id ELSE b.id = NEW.id END
     AND (b.domain_id <> p.domain_id OR (b.domain_id IS NULL AND EXISTS (
       SELECT FROM catalog_producttable other JOIN catalog_dataproduct its ON its.id = other.product_id
        WHERE other.table_id = l.table_id AND its.domain_id <> p.domain_id)))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'product % would hold %.%, for which another domain answers', wrong.slug, wrong.database, wrong.name
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_products_of_one_domain';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER catalog_own_tables AFTER INSERT OR UPDATE OF product_id, table_id ON catalog_producttable
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION catalog_demand_own_tables();
CREATE CONSTRAINT TRIGGER catalog_own_tables AFTER UPDATE OF domain_id ON catalog_dataproduct
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (OLD.domain_id IS DISTINCT FROM NEW.domain_id)
  EXECUTE FUNCTION catalog_demand_own_tables();
CREATE CONSTRAINT TRIGGER catalog_own_tables AFTER UPDATE OF domain_id ON catalog_database
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (OLD.domain_id IS DISTINCT FROM NEW.domain_id)
  EXECUTE FUNCTION catalog_demand_own_tables();
