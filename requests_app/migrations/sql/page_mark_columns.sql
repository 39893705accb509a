-- Columns that each reading of AWS moves do not mark pages of data products, which show them to the minute at most and are
-- read anew each minute (see `catalog.change_versions`). A trigger names them after its subject, and gives the former rows.

CREATE OR REPLACE FUNCTION catalog_altered() RETURNS trigger LANGUAGE plpgsql AS $$
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
