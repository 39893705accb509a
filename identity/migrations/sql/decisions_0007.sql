-- Guards rows on which people decide, for each table whose trigger it is: a row begins waiting, what was asked never changes, an approval
-- only ends, and what is over stays as it is. The arguments of the trigger:
--   1. the noun, with which the names of the violated constraints begin;
--   2. columns that change until the row is decided, besides those of the decision itself, with commas between;
--   3. columns that change while it is approved, besides those of its end;
--   4. 'data_owner' where a data owner of the row's domain decides, else empty.

CREATE FUNCTION decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changeable text;
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
  IF TG_ARGV[3] = 'data_owner' AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id AND NOT EXISTS (
      SELECT FROM identity_membership m JOIN identity_person p ON p.id = m.person_id AND p.is_active
        JOIN catalog_domain d ON d.owner_team_id = m.team_id
       WHERE m.person_id = NEW.decided_by_id AND m.role = 'data_owner' AND d.id = NEW.domain_id) THEN
    RAISE EXCEPTION 'person % does not decide on % %', NEW.decided_by_id, TG_ARGV[0], OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[0] || '_decided_by_a_data_owner';
  END IF;
  RETURN NEW;
END $$;
