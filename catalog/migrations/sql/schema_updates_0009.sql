-- Schema updates change the storage of a registered table as well; like its columns, it never changes once it was proposed.

CREATE FUNCTION catalog_guard_schema_update_storage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'schema update % stays as it is', OLD.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'schema_update_moves_forward';
END $$;
CREATE TRIGGER catalog_schema_update_storage BEFORE UPDATE ON catalog_schemaupdate FOR EACH ROW
  WHEN ((OLD.storage, OLD.replaces_storage) IS DISTINCT FROM (NEW.storage, NEW.replaces_storage))
  EXECUTE FUNCTION catalog_guard_schema_update_storage();

-- Why an intent of a schema update is not justified; NULL where it is.

CREATE OR REPLACE FUNCTION catalog_schema_update_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE r record;
BEGIN
  SELECT u.*, g.ended_at, g.catalog_id, g.database, g."table", g.location, e.verb, e.subject AS told_of, e.actor, e.data,
      o.id IS NOT NULL AS is_replaced INTO r
    FROM catalog_schemaupdate u JOIN catalog_registration g ON g.id = u.registration_id
    JOIN audit_event e ON e.id = u.event_id
    LEFT JOIN catalog_schemaupdate o ON o.replaced_intent_id = i.id
   WHERE u.table_intent_id = i.id;
  IF r.state <> 'approved' OR r.told_of <> 'schema_update:' || r.id
      OR r.data ->> 'effects_hash' IS DISTINCT FROM i.effects_hash OR r.effects_hash <> i.effects_hash
      OR (r.is_breaking OR r.decided_by_id IS NOT NULL)
        AND (r.verb <> 'approve_schema_update' OR r.actor IS DISTINCT FROM 'person:' || r.decided_by_id)
      OR NOT r.is_breaking AND r.decided_by_id IS NULL AND (r.verb <> 'apply_schema_update' OR r.actor <> 'engine:schemas') THEN
    RETURN 'no approval of it is on the record';
  END IF;
  IF (r.ended_at IS NOT NULL OR r.is_replaced) AND i.ended_at IS NULL THEN RETURN 'it is over'; END IF;
  IF i.effects -> 'registration' IS DISTINCT FROM i.wanted OR i.scope_key <> 'catalog:' || r.catalog_id
      OR i.subject <> 'registration:' || r.registration_id OR i.wanted ->> 'database' <> r.database
      OR i.wanted ->> 'table' <> r."table" OR i.wanted ->> 'location' <> r.location
      OR i.wanted -> 'registration' IS DISTINCT FROM to_jsonb(r.registration_id)
      OR i.wanted -> 'columns' IS DISTINCT FROM r.columns OR i.wanted -> 'replaces' IS DISTINCT FROM r.replaces
      OR r.storage <> '{}' AND i.wanted -> 'storage' IS DISTINCT FROM r.storage - 'left_out'
      OR coalesce(i.wanted -> 'replaces_storage', '{}') <> r.replaces_storage THEN
    RETURN 'it wants another table than was approved';
  END IF;
  RETURN NULL;
END $$;
