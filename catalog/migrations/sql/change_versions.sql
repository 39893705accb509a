-- Adds a row for each statement that changes what searches show, so that cached results are known to be stale
-- (see `catalog.change_versions`). A trigger's first argument names another subject,
-- the others columns whose change does not count: it needs the rows as they were, too.

CREATE FUNCTION catalog_altered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unmarked text[] := TG_ARGV[1:];
BEGIN
  IF TG_NARGS > 1 THEN
    IF NOT EXISTS (SELECT to_jsonb(one) - unmarked FROM altered AS one
                   EXCEPT SELECT to_jsonb(one) - unmarked FROM former AS one) THEN RETURN NULL; END IF;
  ELSIF TG_LEVEL = 'STATEMENT' THEN
    IF NOT EXISTS (SELECT FROM altered) THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO catalog_alteration (subject, mark) VALUES (coalesce(TG_ARGV[0], 'catalog'), (random() * 9e18)::bigint);
  RETURN NULL;
END $$;

-- A new table is noticed by its document; its own rows are too wide to be kept until the end of an insert.
CREATE TRIGGER catalog_altered_update AFTER UPDATE ON catalog_table
  REFERENCING NEW TABLE AS altered FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();

DO $$
DECLARE name text; event text; rows text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
      'catalog_document', 'catalog_dataproduct', 'catalog_producttable', 'catalog_database',
      'catalog_domain', 'catalog_term', 'catalog_termlink', 'catalog_rankingweights',
      'identity_team', 'identity_account', 'identity_connectedcatalog', 'identity_principal',
      'fulfilment_observedpermission'] LOOP
    FOR event, rows IN VALUES ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD') LOOP
      EXECUTE format('CREATE TRIGGER catalog_altered_%s AFTER %s ON %I REFERENCING %s TABLE AS altered '
        'FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered()', lower(event), event, name, rows);
    END LOOP;
  END LOOP;
END $$;

-- People are written at each sign-in; searches show nothing of them but the name.

CREATE TRIGGER catalog_altered AFTER UPDATE OF name ON identity_person FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_altered();
