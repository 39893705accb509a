-- Guards registrations: what was asked for never changes, a data owner of the domain who did not ask decides, a
-- governance admin approves a location outside the gold location, and both intents end with it.

CREATE FUNCTION catalog_guard_registration() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE team bigint;
BEGIN
  SELECT d.owner_team_id INTO team FROM catalog_domain d WHERE d.id = NEW.domain_id;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'requested' OR NEW.exception_by_id IS NOT NULL OR NEW.decided_by_id IS NOT NULL THEN
      RAISE EXCEPTION 'registration of %.% begins with a request', NEW.database, NEW."table"
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_begins_requested';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.catalog_id, OLD.domain_id, OLD.producer_id, OLD.engineer_id, OLD.database, OLD."table", OLD.location,
      OLD.data_format, OLD.columns, OLD.partition_keys, OLD.description, OLD.parameters, OLD.purpose,
      OLD.requested_by_id, OLD.requested_at, OLD.exception_reason) IS DISTINCT FROM
     (NEW.catalog_id, NEW.domain_id, NEW.producer_id, NEW.engineer_id, NEW.database, NEW."table", NEW.location,
      NEW.data_format, NEW.columns, NEW.partition_keys, NEW.description, NEW.parameters, NEW.purpose,
      NEW.requested_by_id, NEW.requested_at, NEW.exception_reason)
     OR OLD.state IN ('rejected', 'withdrawn', 'ended')
     OR (OLD.state = 'approved' AND (NEW.state NOT IN ('approved', 'ended')
       OR (NEW.state = 'approved' AND NEW.ended_at IS NOT NULL)
       OR (OLD.decided_by_id, OLD.effects_hash, OLD.event_id, OLD.write_intent_id, OLD.exception_by_id)
       IS DISTINCT FROM
       (NEW.decided_by_id, NEW.effects_hash, NEW.event_id, NEW.write_intent_id, NEW.exception_by_id)))
  THEN
    RAISE EXCEPTION 'registration % stays as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_moves_forward';
  END IF;
  IF NEW.exception_by_id IS DISTINCT FROM OLD.exception_by_id AND NOT EXISTS (SELECT FROM identity_platformrole h
      JOIN identity_person p ON p.id = h.person_id AND p.is_active
     WHERE h.person_id = NEW.exception_by_id AND h.role = 'governance_admin') THEN
    RAISE EXCEPTION 'person % approves no location', NEW.exception_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_excepted_by_a_governor';
  END IF;
  IF NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id AND NOT EXISTS (SELECT FROM identity_membership m
      JOIN identity_person p ON p.id = m.person_id AND p.is_active
     WHERE m.person_id = NEW.decided_by_id AND m.team_id = team AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'person % does not decide on registration %', NEW.decided_by_id, OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_decided_by_a_data_owner';
  END IF;
  IF NEW.state = 'approved' AND OLD.state <> 'approved' AND NEW.exception_by_id IS NULL AND NOT EXISTS (
      SELECT FROM identity_account a WHERE a.id = NEW.producer_id AND a.gold_location <> ''
         AND starts_with(rtrim(NEW.location, '/') || '/', rtrim(a.gold_location, '/') || '/')) THEN
    RAISE EXCEPTION 'registration % lies outside the gold location', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_in_the_gold_location';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_registration_guarded BEFORE INSERT OR UPDATE ON catalog_registration
  FOR EACH ROW EXECUTE FUNCTION catalog_guard_registration();

-- Why an intent of a registration is not justified; NULL where it is.

CREATE FUNCTION catalog_registration_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE r record;
BEGIN
  IF EXISTS (SELECT FROM catalog_schemaupdate u WHERE u.table_intent_id = i.id) THEN
    RETURN catalog_schema_update_fault(i);
  END IF;
  SELECT g.*, a.account_id, p.arn, p.unique_id, e.verb, e.subject AS told_of, e.actor, e.data, g.write_intent_id <> i.id AS makes_table,
      o.id IS NOT NULL AS is_replaced
    INTO r
    FROM catalog_registration g JOIN identity_account a ON a.id = g.producer_id
    JOIN identity_principal p ON p.id = g.engineer_id JOIN audit_event e ON e.id = g.event_id
    LEFT JOIN catalog_schemaupdate o ON o.registration_id = g.id AND o.replaced_intent_id = i.id
   WHERE i.id IN (g.table_intent_id, g.write_intent_id) OR o.id IS NOT NULL;
  IF NOT FOUND THEN RETURN 'no registration owns it'; END IF;
  IF r.state NOT IN ('approved', 'ended') OR r.verb <> 'approve_registration' OR r.told_of <> 'registration:' || r.id
      OR r.actor <> 'person:' || r.decided_by_id OR r.data ->> 'effects_hash' IS DISTINCT FROM i.effects_hash
      OR r.effects_hash <> i.effects_hash OR r.decided_by_id = r.requested_by_id THEN
    RETURN 'no approval of it is on the record';
  END IF;
  IF r.ended_at IS NOT NULL AND i.ended_at IS NULL THEN RETURN 'its registration has ended'; END IF;
  IF r.is_replaced AND i.ended_at IS NULL THEN RETURN 'a schema update has replaced it'; END IF;
  IF r.makes_table AND (i.effects -> 'registration' IS DISTINCT FROM i.wanted OR i.scope_key <> 'catalog:' || r.catalog_id
      OR i.subject <> 'registration:' || r.id OR i.wanted ->> 'database' <> r.database OR i.wanted ->> 'table' <> r."table"
      OR i.wanted ->> 'location' <> r.location OR i.wanted -> 'registration' IS DISTINCT FROM to_jsonb(r.id)
      OR i.wanted -> 'columns' IS DISTINCT FROM r.columns) THEN
    RETURN 'it wants another table than was registered';
  END IF;
  IF NOT r.makes_table AND (i.effects -> 'access' IS DISTINCT FROM i.wanted OR i.subject <> 'registration:' || r.id || ':write'
      OR i.scope_key <> 'share:' || r.catalog_id || ':' || r.account_id OR i.wanted ->> 'kind' IS DISTINCT FROM 'write'
      OR i.wanted ->> 'principal_arn' IS DISTINCT FROM r.arn OR i.wanted ->> 'principal_id' IS DISTINCT FROM r.unique_id
      OR i.wanted ->> 'consumer' IS DISTINCT FROM r.account_id
      OR i.wanted ->> 'database' <> r.database OR i.wanted ->> 'table' <> r."table") THEN
    RETURN 'it wants something else than was registered';
  END IF;
  RETURN NULL;
END $$;

-- The approval is new where its intents are, and an intent ends with its registration.

CREATE FUNCTION catalog_demand_registration() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  SELECT coalesce(u.event_id, g.event_id) AS event_id, coalesce(g.ended_at, o.decided_at) AS over_at,
      i.ended_at AS intent_ended_at INTO r
    FROM fulfilment_intent i LEFT JOIN catalog_schemaupdate u ON u.table_intent_id = i.id
    LEFT JOIN catalog_schemaupdate o ON o.replaced_intent_id = i.id
    LEFT JOIN catalog_registration g ON i.id IN (g.table_intent_id, g.write_intent_id) OR g.id IN (u.registration_id, o.registration_id)
   WHERE i.id = NEW.id;
  IF TG_OP = 'INSERT' AND NOT coalesce(audit_is_new(r.event_id), false)
      OR (r.intent_ended_at IS NULL) <> (r.over_at IS NULL) THEN
    RAISE EXCEPTION 'intent % is not justified: its registration is not decided or ended with it', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_of_its_registration';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_of_its_registration AFTER INSERT OR UPDATE OF ended_at ON fulfilment_intent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'registration')
  EXECUTE FUNCTION catalog_demand_registration();
