-- Guards schema updates: what one holds never changes, and a data owner of the domain decides on a breaking one.

CREATE FUNCTION catalog_guard_schema_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' OR NEW.decided_by_id IS NOT NULL THEN
      RAISE EXCEPTION 'a schema update of registration % begins with a proposal', NEW.registration_id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'schema_update_begins_proposed';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state <> 'proposed'
     OR (OLD.registration_id, OLD.source_id, OLD.columns, OLD.replaces, OLD.changes, OLD.is_breaking, OLD.found_at)
     IS DISTINCT FROM
     (NEW.registration_id, NEW.source_id, NEW.columns, NEW.replaces, NEW.changes, NEW.is_breaking, NEW.found_at) THEN
    RAISE EXCEPTION 'schema update % stays as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'schema_update_moves_forward';
  END IF;
  IF NEW.decided_by_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM catalog_registration g JOIN catalog_domain d ON d.id = g.domain_id
        JOIN identity_membership m ON m.team_id = d.owner_team_id AND m.role = 'data_owner'
        JOIN identity_person p ON p.id = m.person_id AND p.is_active
       WHERE g.id = NEW.registration_id AND m.person_id = NEW.decided_by_id) THEN
    RAISE EXCEPTION 'person % does not decide on schema update %', NEW.decided_by_id, OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'schema_update_decided_by_a_data_owner';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_schema_update_guarded BEFORE INSERT OR UPDATE ON catalog_schemaupdate
  FOR EACH ROW EXECUTE FUNCTION catalog_guard_schema_update();

-- A registration's table intent is changed by an approved schema update alone.

CREATE FUNCTION catalog_guard_table_intent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM catalog_schemaupdate u WHERE u.registration_id = NEW.id AND u.state = 'approved'
       AND u.replaced_intent_id = OLD.table_intent_id AND u.table_intent_id = NEW.table_intent_id) THEN
    RAISE EXCEPTION 'registration % keeps its intents', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_moves_forward';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_registration_table_intent BEFORE UPDATE OF table_intent_id ON catalog_registration
  FOR EACH ROW WHEN (OLD.table_intent_id IS NOT NULL AND NEW.table_intent_id IS DISTINCT FROM OLD.table_intent_id)
  EXECUTE FUNCTION catalog_guard_table_intent();

-- Why an intent of a schema update is not justified; NULL where it is.

CREATE FUNCTION catalog_schema_update_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
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
      OR i.wanted -> 'columns' IS DISTINCT FROM r.columns OR i.wanted -> 'replaces' IS DISTINCT FROM r.replaces THEN
    RETURN 'it wants another table than was approved';
  END IF;
  RETURN NULL;
END $$;
