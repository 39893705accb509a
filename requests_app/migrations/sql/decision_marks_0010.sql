-- Adds a mark for each statement that changes what waits for a decision besides access requests (see
-- `catalog.change_versions`, `portal.inbox.other_decisions`). What else the count reads is marked for the pages of
-- data products already. A test finds the tables that it reads and that have no trigger.

DO $$
DECLARE name text; event text; rows text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
      'catalog_finding', 'catalog_registration', 'catalog_ruleexception', 'catalog_scan', 'catalog_schemaupdate', 'catalog_tagchange',
      'catalog_tagchangeapproval', 'catalog_termproposal', 'identity_localmember', 'identity_rolechange',
      'requests_breakglassconsent', 'requests_breakglasssession', 'requests_consenttable', 'requests_recreatedtable',
      'requests_subgrant', 'requests_subgrantintent', 'requests_writerequest'] LOOP
    CONTINUE WHEN to_regclass(name) IS NULL;
    FOR event, rows IN VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD') LOOP
      EXECUTE format('CREATE TRIGGER page_altered_%s AFTER %s ON %I REFERENCING %s TABLE AS altered '
        'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered(''page'')', lower(event), event, name, rows);
    END LOOP;
  END LOOP;
END $$;
