-- Guards that no two people, teams, catalogs or living principals differ only in case, and that e-mail addresses are ASCII.
-- `identity.keys` says what the normal forms are. What stands in the way of them is named, for a person to correct.

DO $$
DECLARE found text;
BEGIN
  SELECT string_agg(DISTINCT email, ', ' ORDER BY email) INTO found FROM identity_person p
    WHERE email !~ '^[!-~]+$'
      OR EXISTS (SELECT FROM identity_person o WHERE o.id <> p.id AND lower(o.email) = lower(p.email));
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'These e-mail addresses are not ASCII, or two people share one in different case: %', found
      USING HINT = 'Change or deactivate and rename them in the administration pages of the earlier version, then migrate.';
  END IF;
  SELECT string_agg(DISTINCT slug, ', ' ORDER BY slug) INTO found FROM (
    SELECT 'team ' || slug AS slug FROM identity_team t
      WHERE EXISTS (SELECT FROM identity_team o WHERE o.id <> t.id AND lower(o.slug) = lower(t.slug))
    UNION ALL SELECT 'catalog ' || short_name FROM identity_connectedcatalog c
      WHERE EXISTS (SELECT FROM identity_connectedcatalog o WHERE o.id <> c.id AND lower(o.short_name) = lower(c.short_name))
  ) alike;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'These differ only in case: %', found
      USING HINT = 'Rename them in the administration pages of the earlier version, then migrate.';
  END IF;
END $$;

UPDATE identity_person SET email = lower(email) WHERE email <> lower(email);
UPDATE identity_team SET slug = lower(slug) WHERE slug <> lower(slug);
UPDATE identity_connectedcatalog SET short_name = lower(short_name) WHERE short_name <> lower(short_name);

CREATE UNIQUE INDEX identity_person_email_any_case ON identity_person (lower(email));
CREATE UNIQUE INDEX identity_team_slug_any_case ON identity_team (lower(slug));
CREATE UNIQUE INDEX identity_catalog_short_name_any_case ON identity_connectedcatalog (lower(short_name));
CREATE UNIQUE INDEX identity_principal_live_any_case ON identity_principal (lower(arn)) WHERE gone_at IS NULL;
ALTER TABLE identity_person ADD CONSTRAINT identity_person_email_ascii CHECK (email ~ '^[!-~]+$');

-- `\d` also matches digits of other scripts.

ALTER TABLE identity_account DROP CONSTRAINT identity_account_id_12_digits,
  ADD CONSTRAINT identity_account_id_12_digits CHECK (account_id ~ '^[0-9]{12}$');
ALTER TABLE identity_accountconnection DROP CONSTRAINT identity_connection_id_12_digits,
  ADD CONSTRAINT identity_connection_id_12_digits CHECK (account_id ~ '^[0-9]{12}$');
