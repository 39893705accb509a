-- A registration that nobody decided on waits, in the word of all decisions. What guards registrations besides `decision_guard`: a governance
-- admin approves a location outside the gold location.

CREATE OR REPLACE FUNCTION catalog_guard_registration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.exception_by_id IS NOT NULL THEN
      RAISE EXCEPTION 'registration of %.% begins with a request', NEW.database, NEW."table"
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_begins_waiting';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.exception_by_id IS DISTINCT FROM OLD.exception_by_id AND NOT EXISTS (SELECT FROM identity_platformrole h
      JOIN identity_person p ON p.id = h.person_id AND p.is_active
     WHERE h.person_id = NEW.exception_by_id AND h.role = 'governance_admin') THEN
    RAISE EXCEPTION 'person % approves no location', NEW.exception_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_excepted_by_a_governor';
  END IF;
  IF NEW.state = 'approved' AND OLD.state <> 'approved' AND NEW.exception_by_id IS NULL AND NOT EXISTS (
      SELECT FROM identity_account a WHERE a.id = NEW.producer_id AND a.gold_location <> ''
         AND starts_with(rtrim(NEW.location, '/') || '/', rtrim(a.gold_location, '/') || '/')) THEN
    RAISE EXCEPTION 'registration % lies outside the gold location', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_in_the_gold_location';
  END IF;
  RETURN NEW;
END $$;

DROP INDEX registration_one_live;
ALTER TABLE catalog_registration DROP CONSTRAINT registration_approved_with_intents;
UPDATE catalog_registration SET state = 'waiting' WHERE state = 'requested';
CREATE UNIQUE INDEX registration_one_live ON catalog_registration (catalog_id, database, "table") WHERE state IN ('waiting', 'approved');
ALTER TABLE catalog_registration ADD CONSTRAINT registration_approved_with_intents CHECK (
  state IN ('approved', 'ended') AND table_intent_id IS NOT NULL AND write_intent_id IS NOT NULL AND event_id IS NOT NULL
    AND decided_by_id IS NOT NULL AND effects_hash <> ''
  OR state IN ('waiting', 'rejected', 'withdrawn') AND table_intent_id IS NULL AND write_intent_id IS NULL);
CREATE TRIGGER decision_guarded BEFORE INSERT OR UPDATE ON catalog_registration FOR EACH ROW EXECUTE FUNCTION decision_guard(
  'registration', 'exception_by_id,exception_at,table_intent_id,write_intent_id,source_digest', 'table_intent_id,source_digest',
  'data_owner');
