-- Schema updates have the columns and states of all decisions. `decision_guard` takes two more arguments, for rows that have no domain of their own:
--   5. the table of the row whose domain's data owners decide;
--   6. the column that names that row.

CREATE OR REPLACE FUNCTION decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changeable text; domain bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'waiting' OR NEW.decided_by_id IS NOT NULL THEN
      RAISE EXCEPTION '% begins without a decision', TG_ARGV[0]
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[0] || '_begins_waiting';
    END IF;
    RETURN NEW;
  END IF;
  changeable := CASE OLD.state
    WHEN 'waiting' THEN 'state,decided_by_id,decided_at,comment,effects_hash,event_id,ended_by_id,ended_at,end_reason,' || TG_ARGV[1]
    WHEN 'approved' THEN 'state,ended_by_id,ended_at,end_reason,' || TG_ARGV[2] END;
  IF changeable IS NULL
      OR to_jsonb(OLD) - string_to_array(changeable, ',') <> to_jsonb(NEW) - string_to_array(changeable, ',')
      OR OLD.state = 'approved' AND (NEW.state NOT IN ('approved', 'ended', 'lapsed')
        OR (NEW.state = 'approved') <> (NEW.ended_at IS NULL)) THEN
    RAISE EXCEPTION '% % stays as it is', TG_ARGV[0], OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[0] || '_moves_forward';
  END IF;
  IF TG_ARGV[3] = 'data_owner' AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id THEN
    domain := to_jsonb(NEW) ->> 'domain_id';
    IF TG_NARGS > 4 THEN
      EXECUTE format('SELECT domain_id FROM %I WHERE id = $1', TG_ARGV[4]) INTO domain USING (to_jsonb(NEW) ->> TG_ARGV[5])::bigint;
    END IF;
    IF NOT EXISTS (
        SELECT FROM identity_membership m JOIN identity_person p ON p.id = m.person_id AND p.is_active
          JOIN catalog_domain d ON d.owner_team_id = m.team_id
         WHERE m.person_id = NEW.decided_by_id AND m.role = 'data_owner' AND d.id = domain) THEN
      RAISE EXCEPTION 'person % does not decide on % %', NEW.decided_by_id, TG_ARGV[0], OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[0] || '_decided_by_a_data_owner';
    END IF;
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER catalog_schema_update_guarded ON catalog_schemaupdate;
DROP FUNCTION catalog_guard_schema_update();
DROP TRIGGER catalog_schema_update_storage ON catalog_schemaupdate;
DROP FUNCTION catalog_guard_schema_update_storage();
UPDATE catalog_schemaupdate SET state = CASE state WHEN 'proposed' THEN 'waiting' ELSE 'lapsed' END WHERE state IN ('proposed', 'replaced');
CREATE TRIGGER decision_guarded BEFORE INSERT OR UPDATE ON catalog_schemaupdate FOR EACH ROW EXECUTE FUNCTION decision_guard(
  'schema_update', 'table_intent_id,replaced_intent_id', '', 'data_owner', 'catalog_registration', 'registration_id');

-- A registration's table intent is changed by a schema update alone, which is approved by the end of the transaction.

DROP TRIGGER catalog_registration_table_intent ON catalog_registration;
CREATE CONSTRAINT TRIGGER catalog_registration_table_intent AFTER UPDATE OF table_intent_id ON catalog_registration
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.table_intent_id IS NOT NULL AND NEW.table_intent_id IS DISTINCT FROM OLD.table_intent_id)
  EXECUTE FUNCTION catalog_guard_table_intent();

-- Why an intent of a schema update is not justified; NULL where it is.

CREATE OR REPLACE FUNCTION catalog_schema_update_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE r record;
BEGIN
  SELECT u.id, u.state, u.effects_hash, u.is_breaking, u.decided_by_id, u.registration_id, u.columns, u.replaces, u.storage,
      u.replaces_storage, g.ended_at AS registration_ended_at, g.catalog_id, g.database, g."table", g.location, e.verb,
      e.subject AS told_of, e.actor, e.data, o.id IS NOT NULL AS is_replaced INTO r
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
  IF (r.registration_ended_at IS NOT NULL OR r.is_replaced) AND i.ended_at IS NULL THEN RETURN 'it is over'; END IF;
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
