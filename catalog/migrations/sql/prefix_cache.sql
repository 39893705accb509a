-- Invalidates completions that are stored for the first letters of a word
-- (`catalog.search.completion.prefix_cache`), when a document, product or term that they name changes.
-- Letters that are folded, such as accented ones, may match any prefix. Rows are added, never updated, so
-- that no writer waits for another.

CREATE FUNCTION catalog_invalidate_prefixes(names text[], documents bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO catalog_cachedprefix (prefix, witnesses) SELECT DISTINCT p.prefix, '{}'::bigint[] FROM catalog_cachedprefix p
  WHERE p.completions IS NOT NULL AND (p.witnesses && documents OR EXISTS (
    SELECT FROM unnest(names) AS name WHERE name ~ '[^ -~]' OR strpos(lower(name), p.prefix) > 0)) $$;

CREATE FUNCTION catalog_prefix_document_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE names text[]; documents bigint[];
BEGIN
  SELECT array_agg(id) INTO documents FROM old_rows WHERE visibility > 0;
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.name) INTO names FROM new_rows n JOIN old_rows o USING (id)
    WHERE n.id < 0 AND (n.name, n.visibility, n.names) IS DISTINCT FROM (o.name, o.visibility, o.names);
  END IF;
  IF names IS NOT NULL OR EXISTS (SELECT FROM catalog_cachedprefix WHERE witnesses && documents) THEN
    PERFORM catalog_invalidate_prefixes(names, documents);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_prefix_update AFTER UPDATE ON catalog_document
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_prefix_document_changed();
CREATE TRIGGER catalog_prefix_delete AFTER DELETE ON catalog_document REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_prefix_document_changed();

CREATE FUNCTION catalog_prefix_name_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'catalog_term' THEN
    PERFORM catalog_invalidate_prefixes(array_prepend(OLD.name::text, OLD.synonyms::text[])
      || array_prepend(NEW.name::text, NEW.synonyms::text[]), '{}');
  ELSE
    PERFORM catalog_invalidate_prefixes(ARRAY[OLD.name, NEW.name]::text[], '{}');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_prefix_update AFTER UPDATE ON catalog_dataproduct FOR EACH ROW
  WHEN ((OLD.name, OLD.slug) IS DISTINCT FROM (NEW.name, NEW.slug)) EXECUTE FUNCTION catalog_prefix_name_changed();
CREATE TRIGGER catalog_prefix_change AFTER INSERT OR UPDATE OR DELETE ON catalog_term
  FOR EACH ROW EXECUTE FUNCTION catalog_prefix_name_changed();
