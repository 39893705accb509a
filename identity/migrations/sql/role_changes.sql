-- Guards role changes: a proposal never changes, is decided once and in time, and is not confirmed by a
-- governor whom its proposer made.

CREATE FUNCTION identity_keep_role_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'role changes are kept' USING ERRCODE = 'integrity_constraint_violation',
      CONSTRAINT = 'role_change_kept';
  END IF;
  IF OLD.state <> 'waiting' OR (OLD.kind, OLD.what, OLD.person_id, OLD.team_id, OLD.role, OLD.row_id, OLD.wanted,
      OLD.before, OLD.proposed_by_id, OLD.proposed_at, OLD.expires_at, OLD.at_once, OLD.event_id)
      IS DISTINCT FROM (NEW.kind, NEW.what, NEW.person_id, NEW.team_id, NEW.role, NEW.row_id, NEW.wanted,
      NEW.before, NEW.proposed_by_id, NEW.proposed_at, NEW.expires_at, NEW.at_once, NEW.event_id) THEN
    RAISE EXCEPTION 'role change % is decided, or its proposal would change', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_kept';
  END IF;
  IF NEW.state = 'confirmed' AND (OLD.expires_at <= meshmarket_now() OR EXISTS (
      SELECT FROM identity_rolechange made
       WHERE made.person_id = NEW.decided_by_id AND made.bars_until > meshmarket_now()
         AND (made.kind = 'password' OR (NEW.proposed_by_id IN (made.proposed_by_id, made.decided_by_id)
           AND (made.kind = 'administration' OR (made.kind = 'platform_role' AND made.role = 'governance_admin')))))) THEN
    RAISE EXCEPTION 'role change % is confirmed too late, or by somebody whom its proposer made a governor', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_second_governor';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_role_change_kept BEFORE UPDATE OR DELETE ON identity_rolechange
  FOR EACH ROW EXECUTE FUNCTION identity_keep_role_change();
