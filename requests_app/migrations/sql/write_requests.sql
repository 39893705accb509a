-- Guards write requests: what was requested never changes, the role is one of a producer account of the domain's team, a
-- data owner of the domain who did not ask decides, and the intent ends with the request.

CREATE FUNCTION requests_may_write(principal bigint, written bigint, answering bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (SELECT FROM identity_principal p JOIN identity_account a ON a.id = p.account_id
    JOIN catalog_table t ON t.id = written JOIN catalog_database d ON d.id = t.database_id
    JOIN catalog_domain m ON m.id = d.domain_id
   WHERE p.id = principal AND p.arn <> p.unique_id AND NOT p.is_portal AND a.is_producer
     AND a.team_id = m.owner_team_id AND m.id = answering)
$$;

CREATE FUNCTION requests_guard_write_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND (NEW.state <> 'requested' OR NEW.decided_by_id IS NOT NULL) THEN
    RAISE EXCEPTION 'write access begins with a request'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'write_request_begins_requested';
  END IF;
  IF (TG_OP = 'INSERT' OR NEW.state = 'approved' AND OLD.state <> 'approved')
      AND NOT requests_may_write(NEW.principal_id, NEW.table_id, NEW.domain_id) THEN
    RAISE EXCEPTION 'principal % does not produce for the domain of table %', NEW.principal_id, NEW.table_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'write_request_of_a_producer';
  END IF;
  IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
  IF (OLD.table_id, OLD.domain_id, OLD.principal_id, OLD.verbs, OLD.purpose, OLD.ends_at, OLD.requested_by_id, OLD.requested_at)
     IS DISTINCT FROM
     (NEW.table_id, NEW.domain_id, NEW.principal_id, NEW.verbs, NEW.purpose, NEW.ends_at, NEW.requested_by_id, NEW.requested_at)
     OR OLD.state IN ('rejected', 'withdrawn', 'ended')
     OR (OLD.state = 'approved' AND (NEW.state <> 'ended' OR (OLD.decided_by_id, OLD.effects_hash, OLD.event_id, OLD.intent_id)
       IS DISTINCT FROM (NEW.decided_by_id, NEW.effects_hash, NEW.event_id, NEW.intent_id)))
  THEN
    RAISE EXCEPTION 'write request % stays as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'write_request_moves_forward';
  END IF;
  IF NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id AND NOT EXISTS (SELECT FROM identity_membership m
      JOIN identity_person p ON p.id = m.person_id AND p.is_active JOIN catalog_domain d ON d.owner_team_id = m.team_id
     WHERE m.person_id = NEW.decided_by_id AND d.id = NEW.domain_id AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'person % does not decide on write request %', NEW.decided_by_id, OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'write_request_decided_by_a_data_owner';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER write_request_guarded BEFORE INSERT OR UPDATE ON requests_writerequest
  FOR EACH ROW EXECUTE FUNCTION requests_guard_write_request();

-- Why an intent of write access is not justified; NULL where it is.

CREATE FUNCTION requests_write_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE r record;
BEGIN
  SELECT w.*, a.account_id, p.arn, p.unique_id, e.verb, e.subject AS told_of, e.actor, e.data, d.name AS database,
         t.name AS name, t.glue_created_at, d.catalog_id
    INTO r
    FROM requests_writerequest w JOIN identity_principal p ON p.id = w.principal_id
    JOIN identity_account a ON a.id = p.account_id JOIN catalog_table t ON t.id = w.table_id
    JOIN catalog_database d ON d.id = t.database_id JOIN audit_event e ON e.id = w.event_id
   WHERE w.intent_id = i.id;
  IF NOT FOUND THEN RETURN 'no write request owns it'; END IF;
  IF r.state NOT IN ('approved', 'ended') OR r.verb <> 'approve_write_request' OR r.told_of <> 'write_request:' || r.id
      OR r.actor <> 'person:' || r.decided_by_id OR r.data ->> 'effects_hash' IS DISTINCT FROM i.effects_hash
      OR r.effects_hash <> i.effects_hash OR r.decided_by_id = r.requested_by_id THEN
    RETURN 'no approval of it is on the record';
  END IF;
  IF r.ended_at IS NOT NULL AND i.ended_at IS NULL THEN RETURN 'its write request has ended'; END IF;
  IF i.expires_at IS NULL OR i.expires_at > r.ends_at THEN RETURN 'it would last longer than was approved'; END IF;
  IF i.ended_at IS NULL AND NOT requests_may_write(r.principal_id, r.table_id, r.domain_id) THEN
    RETURN 'its role no longer belongs to a producer account of the domain';
  END IF;
  IF i.effects -> 'access' IS DISTINCT FROM i.wanted OR i.subject <> 'write_request:' || r.id
      OR i.scope_key <> 'share:' || r.catalog_id || ':' || r.account_id OR i.wanted ->> 'kind' IS DISTINCT FROM 'write'
      OR i.wanted ->> 'principal_arn' IS DISTINCT FROM r.arn OR i.wanted ->> 'principal_id' IS DISTINCT FROM r.unique_id
      OR i.wanted ->> 'consumer' IS DISTINCT FROM r.account_id
      OR i.wanted ->> 'table_created' IS DISTINCT FROM r.glue_created_at
      OR i.wanted ->> 'database' <> r.database OR i.wanted ->> 'table' <> r.name
      OR NOT coalesce(i.wanted -> 'verbs', '["ALTER", "DELETE", "DESCRIBE", "INSERT"]'::jsonb)
        <@ to_jsonb(r.verbs || 'DESCRIBE'::varchar) THEN
    RETURN 'it wants something else than was requested';
  END IF;
  RETURN NULL;
END $$;

-- The approval is new where its intent is, and the intent ends with its request.

CREATE FUNCTION requests_demand_write_request() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  SELECT w.event_id, w.ended_at, i.ended_at AS intent_ended_at INTO r
    FROM fulfilment_intent i LEFT JOIN requests_writerequest w ON w.intent_id = i.id WHERE i.id = NEW.id;
  IF TG_OP = 'INSERT' AND NOT coalesce(audit_is_new(r.event_id), false)
      OR (r.intent_ended_at IS NULL) <> (r.ended_at IS NULL) THEN
    RAISE EXCEPTION 'intent % is not justified: its write request is not decided or ended with it', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_of_its_write_request';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_of_its_write_request AFTER INSERT OR UPDATE OF ended_at ON fulfilment_intent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'write')
  EXECUTE FUNCTION requests_demand_write_request();
