-- Adds a mark for each statement that changes what pages of data products show beside what searches and inboxes show
-- (see `catalog.change_versions`). A test finds the tables that a page reads and that have no trigger.

DO $$
DECLARE name text; event text; rows text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
      'catalog_answer', 'catalog_columnedge', 'catalog_columnuseday', 'catalog_datasetlink', 'catalog_deprecation',
      'catalog_derivationrequest', 'catalog_follow', 'catalog_freshnessday', 'catalog_joincolumn',
      'catalog_joinuseday', 'catalog_lastuse', 'catalog_lineagedataset', 'catalog_lineagejob', 'catalog_lineagerun',
      'catalog_offer', 'catalog_offertable', 'catalog_offerterms', 'catalog_offerversion', 'catalog_problem',
      'catalog_productinput', 'catalog_productrevision', 'catalog_promisebreach', 'catalog_qualityanomaly',
      'catalog_qualityresult', 'catalog_qualityruleset', 'catalog_queryday', 'catalog_queryhistory',
      'catalog_question', 'catalog_releasenote', 'catalog_requestexception', 'catalog_samequestion',
      'catalog_scanprice', 'catalog_tableedge', 'catalog_tablefreshness', 'catalog_tablestatistics', 'catalog_trail',
      'catalog_trailreading', 'catalog_usageday',
      'fulfilment_intent', 'fulfilment_round', 'fulfilment_scope', 'fulfilment_scopereading',
      'identity_localgroup', 'identity_membership', 'identity_platformrole',
      'requests_accessrequest', 'requests_delegation', 'requests_grant'] LOOP
    FOR event, rows IN VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD') LOOP
      EXECUTE format('CREATE TRIGGER page_altered_%s AFTER %s ON %I REFERENCING %s TABLE AS altered '
        'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered(''page'')', lower(event), event, name, rows);
    END LOOP;
  END LOOP;
END $$;

-- Columns that each reading of AWS moves do not count: pages show them to the minute at most, and are read anew each minute.

DO $$
DECLARE name text; unmarked text;
BEGIN
  FOR name, unmarked IN VALUES
      ('catalog_queryhistory', 'looked_at, until'),
      ('catalog_tablefreshness', 'read_at'),
      ('catalog_trailreading', 'looked_at, position, until, recent, files'),
      ('fulfilment_scope', 'epoch, owner, lease_until, not_before, scan_at, converged_at'),
      ('fulfilment_scopereading', 'epoch, read_at, seconds') LOOP
    EXECUTE format('DROP TRIGGER page_altered_update ON %I', name);
    EXECUTE format('CREATE TRIGGER page_altered_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS former NEW TABLE AS altered '
      'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered(''page'', %s)', name, unmarked);
  END LOOP;
END $$;

-- Rows of tables and columns are too many and too wide to be kept until the end of a statement of a sync.

CREATE FUNCTION page_altered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO catalog_alteration (subject, mark) VALUES ('page', (random() * 9e18)::bigint);
  RETURN NULL;
END $$;

CREATE TRIGGER page_altered AFTER INSERT OR UPDATE OR DELETE ON catalog_column
  FOR EACH STATEMENT EXECUTE FUNCTION page_altered();
CREATE TRIGGER page_altered AFTER INSERT OR DELETE ON catalog_table
  FOR EACH STATEMENT EXECUTE FUNCTION page_altered();

-- People are written at each sign-in; pages do not show when that was.

CREATE TRIGGER page_altered AFTER INSERT OR DELETE ON identity_person
  FOR EACH STATEMENT EXECUTE FUNCTION page_altered();
CREATE TRIGGER page_altered_update AFTER UPDATE ON identity_person FOR EACH ROW
  WHEN ((to_jsonb(OLD) - 'last_login') IS DISTINCT FROM (to_jsonb(NEW) - 'last_login'))
  EXECUTE FUNCTION catalog_altered('page');
