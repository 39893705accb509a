"""What completion offers for the first letters of a word is told in advance; see `catalog.search.completion.prefix_cache`."""

from django.db import migrations

# Signs that are folded, as accents, may stand for any letter. A row that is added waits for no other writer.
TAKEN_BACK = """
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
"""

GIVEN_UP = """
DROP TRIGGER catalog_beginnings_follow ON catalog_document;
DROP TRIGGER catalog_beginnings_gone ON catalog_document;
DROP TRIGGER catalog_beginnings_follow ON catalog_dataproduct;
DROP TRIGGER catalog_beginnings_follow ON catalog_term;
DROP FUNCTION catalog_document_witnessed;
DROP FUNCTION catalog_name_altered;
DROP FUNCTION catalog_take_back_beginnings;
"""


class Migration(migrations.Migration):
    dependencies = [('catalog', '0004_ranking')]
    operations = [
        migrations.RunSQL(TAKEN_BACK, GIVEN_UP),
    ]
