-- Pages of data products show the end of an access, which an open access review brings forward.

DO $$
DECLARE name text; event text; rows text;
BEGIN
  FOREACH name IN ARRAY ARRAY['requests_accessreview', 'requests_accessreviewitem'] LOOP
    FOR event, rows IN VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD') LOOP
      EXECUTE format('CREATE TRIGGER page_altered_%s AFTER %s ON %I REFERENCING %s TABLE AS altered '
        'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered(''page'')', lower(event), event, name, rows);
    END LOOP;
  END LOOP;
END $$;
