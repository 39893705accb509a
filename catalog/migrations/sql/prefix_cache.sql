-- Invalidates completions that are stored for the first letters of a word
-- (`catalog.search.completion.prefix_cache`), when a document, product or term that they name changes.
-- Letters that are folded, such as accented ones, may match any prefix. Rows are added, never updated, so
-- that no writer waits for another.

CREATE FUNCTION catalog_take_back_beginnings(names text[], altered bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO catalog_beginning (begun, witnesses) SELECT DISTINCT b.begun, '{}'::bigint[] FROM catalog_beginning b
  WHERE b.offered IS NOT NULL AND (b.witnesses && altered OR EXISTS (
    SELECT FROM unnest(names) AS said WHERE said ~ '[^ -~]' OR strpos(lower(said), b.begun) > 0)) $$;

CREATE FUNCTION catalog_document_witnessed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE names text[]; altered bigint[];
BEGIN
  SELECT array_agg(id) INTO altered FROM was_there WHERE visibility > 0;
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.name) INTO names FROM now_there n JOIN was_there w USING (id)
    WHERE n.id < 0 AND (n.name, n.visibility, n.names) IS DISTINCT FROM (w.name, w.visibility, w.names);
  END IF;
  IF names IS NOT NULL OR EXISTS (SELECT FROM catalog_beginning WHERE witnesses && altered) THEN
    PERFORM catalog_take_back_beginnings(names, altered);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_beginnings_follow AFTER UPDATE ON catalog_document
  REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_witnessed();
CREATE TRIGGER catalog_beginnings_gone AFTER DELETE ON catalog_document REFERENCING OLD TABLE AS was_there
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_document_witnessed();

CREATE FUNCTION catalog_name_altered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'catalog_term' THEN
    PERFORM catalog_take_back_beginnings(array_prepend(OLD.name::text, OLD.synonyms::text[])
      || array_prepend(NEW.name::text, NEW.synonyms::text[]), '{}');
  ELSE
    PERFORM catalog_take_back_beginnings(ARRAY[OLD.name, NEW.name]::text[], '{}');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_beginnings_follow AFTER UPDATE ON catalog_dataproduct FOR EACH ROW
  WHEN ((OLD.name, OLD.slug) IS DISTINCT FROM (NEW.name, NEW.slug)) EXECUTE FUNCTION catalog_name_altered();
CREATE TRIGGER catalog_beginnings_follow AFTER INSERT OR UPDATE OR DELETE ON catalog_term
  FOR EACH ROW EXECUTE FUNCTION catalog_name_altered();
