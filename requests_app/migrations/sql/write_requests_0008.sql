-- A write request that nobody decided on waits, in the word of all decisions. What guards write requests besides `decision_guard`: the role is
-- one of a producer account of the domain's team.

CREATE OR REPLACE FUNCTION requests_guard_write_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP = 'INSERT' OR NEW.state = 'approved' AND OLD.state <> 'approved')
      AND NOT requests_may_write(NEW.principal_id, NEW.table_id, NEW.domain_id) THEN
    RAISE EXCEPTION 'principal % does not produce for the domain of table %', NEW.principal_id, NEW.table_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'write_request_of_a_producer';
  END IF;
  RETURN NEW;
END $$;

DROP INDEX write_request_one_open;
ALTER TABLE requests_writerequest DROP CONSTRAINT write_request_approved_with_intent;
UPDATE requests_writerequest SET state = 'waiting' WHERE state = 'requested';
CREATE UNIQUE INDEX write_request_one_open ON requests_writerequest (table_id, principal_id) WHERE state = 'waiting';
ALTER TABLE requests_writerequest ADD CONSTRAINT write_request_approved_with_intent CHECK (
  state IN ('approved', 'ended') AND intent_id IS NOT NULL AND event_id IS NOT NULL AND decided_by_id IS NOT NULL AND effects_hash <> ''
  OR state IN ('waiting', 'rejected', 'withdrawn') AND intent_id IS NULL);
CREATE TRIGGER decision_guarded BEFORE INSERT OR UPDATE ON requests_writerequest FOR EACH ROW EXECUTE FUNCTION decision_guard(
  'write_request', 'intent_id', '', 'data_owner');
