-- Adds a mark for each statement that changes to whom decisions are assigned: the inbox lists and counts by it (see
-- `catalog.change_versions`).

DO $$
DECLARE subject text; event text; rows text;
BEGIN
  FOREACH subject IN ARRAY ARRAY['waiting', 'page'] LOOP
    FOR event, rows IN VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD') LOOP
      EXECUTE format('CREATE TRIGGER %s_altered_%s AFTER %s ON requests_assignment REFERENCING %s TABLE AS altered '
        'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered(%L)',
        CASE subject WHEN 'page' THEN 'page' ELSE 'requests' END, lower(event), event, rows, subject);
    END LOOP;
  END LOOP;
END $$;
