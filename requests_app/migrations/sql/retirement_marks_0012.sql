-- Pages of data products show the end of an access, which a scheduled retirement brings forward.

DO $$
DECLARE event text; rows text;
BEGIN
  FOR event, rows IN VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD') LOOP
    EXECUTE format('CREATE TRIGGER page_altered_%s AFTER %s ON catalog_retirement REFERENCING %s TABLE AS altered '
      'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered(''page'')', lower(event), event, rows);
  END LOOP;
END $$;
