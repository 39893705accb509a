-- Guards the glossary, and keeps completions that name its terms up to date.

-- Successors form no cycle, whatever wrote them.
CREATE FUNCTION catalog_check_successor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    WITH RECURSIVE chain AS (
      SELECT NEW.replaced_by_id AS id
      UNION SELECT t.replaced_by_id FROM catalog_term t JOIN chain USING (id) WHERE t.replaced_by_id IS NOT NULL
    ) SELECT FROM chain WHERE id = NEW.id
  ) THEN
    RAISE EXCEPTION 'a term cannot replace itself, by way of others either' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_check_successor BEFORE INSERT OR UPDATE OF replaced_by_id ON catalog_term FOR EACH ROW
  WHEN (NEW.replaced_by_id IS NOT NULL) EXECUTE FUNCTION catalog_check_successor();

-- Completions show a term with its domain, in the order of the popularity of what it is linked with.
CREATE FUNCTION catalog_invalidate_term_prefixes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE terms bigint[];
BEGIN
  IF TG_TABLE_NAME = 'catalog_domain' THEN
    SELECT array_agg(id) INTO terms FROM catalog_term WHERE domain_id = NEW.id;
  ELSE
    SELECT array_agg(DISTINCT term_id) INTO terms FROM changed;
  END IF;
  IF terms IS NOT NULL THEN
    PERFORM catalog_invalidate_prefixes(ARRAY(
      SELECT unnest(array_prepend(name::text, synonyms::text[])) FROM catalog_term WHERE id = ANY(terms)), '{}');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_term_prefixes AFTER UPDATE OF name ON catalog_domain FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_invalidate_term_prefixes();
CREATE TRIGGER catalog_term_prefixes_insert AFTER INSERT ON catalog_termlink
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalog_invalidate_term_prefixes();
CREATE TRIGGER catalog_term_prefixes_delete AFTER DELETE ON catalog_termlink
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalog_invalidate_term_prefixes();
