-- The key that opens a secret: workers write it, nobody reads it, and a function gives it out once, to who collects.

ALTER TABLE requests_credentialkey SET UNLOGGED;

-- What was sealed before lapses: its key was made of the site's own.

UPDATE requests_tablecredential SET state = 'lapsed' WHERE state = 'ready';
DELETE FROM requests_credentialsecret;

-- Demands that the collection was written by this transaction, with its event by who requested the credentials, while they are
-- active and the role has a live grant in the catalog of the table.

CREATE FUNCTION requests_release_credential_key(wanted bigint) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c requests_tablecredential;
  caller text;
  key bytea;
BEGIN
  SELECT * INTO c FROM requests_tablecredential t WHERE t.id = wanted FOR UPDATE;
  caller := CASE WHEN c.token_id IS NULL THEN 'person:' || c.requested_by_id ELSE 'service_token:' || c.token_id END;
  IF c.state IS DISTINCT FROM 'collected' OR NOT EXISTS (SELECT FROM audit_event e
      WHERE e.subject = 'table_credential:' || c.id AND e.verb = 'collect_credentials' AND e.actor = caller
        AND audit_is_new(e.id)) THEN
    RAISE EXCEPTION 'credentials % are not collected by who requested them', wanted
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credentials_collected_on_the_record';
  END IF;
  IF NOT EXISTS (SELECT FROM identity_person p WHERE p.is_active AND p.id = coalesce(c.requested_by_id,
        (SELECT t.created_by_id FROM identity_servicetoken t WHERE t.id = c.token_id AND t.revoked_at IS NULL
          AND t.expires_at > meshmarket_now())))
      OR NOT EXISTS (SELECT FROM requests_grant g JOIN catalog_table granted ON granted.id = g.table_id
        JOIN catalog_table read ON read.id = c.table_id
        JOIN catalog_database gd ON gd.id = granted.database_id JOIN catalog_database rd ON rd.id = read.database_id
        WHERE g.principal_id = c.principal_id AND g.state = 'live' AND g.ends_at > meshmarket_now()
          AND gd.catalog_id = rd.catalog_id) THEN
    RAISE EXCEPTION 'the access of credentials % has ended', wanted
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'credentials_of_live_access';
  END IF;
  DELETE FROM requests_credentialkey k WHERE k.credential_id = wanted RETURNING k.key INTO key;
  RETURN key;
END $$;
REVOKE ALL ON FUNCTION requests_release_credential_key(bigint) FROM PUBLIC;
