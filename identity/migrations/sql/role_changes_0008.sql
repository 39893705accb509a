-- Role changes have the columns and states of all decisions; the columns of who proposed them and when keep their names. `event` is the
-- decision's, `proposal_event` the one before. What guards role changes besides `decision_guard`: they are kept, begin as proposals unless no second governor is needed, and are not confirmed too late or by
-- a governor whom the proposer made.

CREATE OR REPLACE FUNCTION decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
  IF TG_ARGV[3] = 'data_owner' AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id THEN
    -- By itself, as not every table has a domain.
    IF NOT EXISTS (SELECT FROM identity_membership m JOIN identity_person p ON p.id = m.person_id AND p.is_active
          JOIN catalog_domain d ON d.owner_team_id = m.team_id
         WHERE m.person_id = NEW.decided_by_id AND m.role = 'data_owner' AND d.id = NEW.domain_id) THEN
      RAISE EXCEPTION 'person % does not decide on % %', NEW.decided_by_id, TG_ARGV[0], OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[0] || '_decided_by_a_data_owner';
    END IF;
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER identity_role_change_kept ON identity_rolechange;
ALTER TABLE identity_rolechange
  DROP CONSTRAINT role_change_has_its_decider, DROP CONSTRAINT role_change_second_governor, DROP CONSTRAINT role_change_bars_in_effect;
DROP INDEX role_change_waits_once;
ALTER TABLE identity_rolechange RENAME COLUMN event_id TO proposal_event_id;
ALTER TABLE identity_rolechange
  ADD COLUMN event_id bigint, ADD COLUMN ended_by_id bigint, ADD COLUMN ended_at timestamptz,
  ADD COLUMN comment text NOT NULL DEFAULT '', ADD COLUMN effects_hash varchar(64) NOT NULL DEFAULT '',
  ADD COLUMN end_reason text NOT NULL DEFAULT '';
ALTER TABLE identity_rolechange
  ALTER COLUMN comment DROP DEFAULT, ALTER COLUMN effects_hash DROP DEFAULT, ALTER COLUMN end_reason DROP DEFAULT;

CREATE OR REPLACE FUNCTION decision_bases(asked identity_rolechange) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_role_basis('decided_by', asked.decided_by_id, 'governance_admin', ARRAY[asked.proposed_by_id])
 WHERE asked.state IN ('waiting', 'approved')
$$;

CREATE OR REPLACE FUNCTION identity_check_new_role_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'meshmarket_web' THEN RETURN NEW; END IF;
  IF NEW.state <> 'waiting' AND NOT (NEW.state = 'approved' AND NEW.at_once) THEN
    RAISE EXCEPTION 'a role change begins as a proposal' USING ERRCODE = 'integrity_constraint_violation',
      CONSTRAINT = 'role_change_begins_as_a_proposal';
  END IF;
  IF NEW.at_once AND NEW.before <> '{}'::jsonb AND NOT identity_lone_governor_suffices()
      AND NOT (NEW.kind = 'membership' AND NEW.role NOT IN ('data_owner', 'account_admin', 'lead')) THEN
    RAISE EXCEPTION 'this role change needs a second governor' USING ERRCODE = 'integrity_constraint_violation',
      CONSTRAINT = 'role_change_needs_a_second_governor';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION identity_apply_role_change(change bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c identity_rolechange;
  is_new boolean;
  deciders bigint[];
BEGIN
  SELECT pg_xact_status((((pg_current_xact_id()::text::bigint >> 32) << 32) | r.xmin::text::bigint)::text::xid8) = 'in progress'
    INTO is_new FROM identity_rolechange r WHERE r.id = change;
  SELECT * INTO c FROM identity_rolechange r WHERE r.id = change;
  IF NOT coalesce(is_new, false) OR c.state <> 'approved' THEN
    RAISE EXCEPTION 'role change % was not confirmed by this transaction', change
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_confirmed_now';
  END IF;
  deciders := ARRAY[c.proposed_by_id] || CASE WHEN c.at_once THEN ARRAY[]::bigint[] ELSE ARRAY[c.decided_by_id] END;
  IF EXISTS (SELECT FROM unnest(deciders) AS d (id) WHERE NOT EXISTS (SELECT FROM identity_person p
      WHERE p.id = d.id AND p.is_active AND (p.is_superuser OR EXISTS (
        SELECT FROM identity_platformrole r WHERE r.person_id = p.id AND r.role = 'governance_admin')))) THEN
    RAISE EXCEPTION 'role change % was proposed or confirmed by somebody who is no governor', change
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_by_governors';
  END IF;
  IF NOT EXISTS (SELECT FROM audit_event e WHERE e.id = c.event_id AND audit_is_new(e.id) AND CASE WHEN c.at_once
        THEN e.verb = 'make_role_change' AND e.actor = 'person:' || c.proposed_by_id
        ELSE e.verb = 'confirm_role_change' AND e.actor = 'person:' || c.decided_by_id
          AND e.data -> 'role_change' = to_jsonb(c.id) END) THEN
    RAISE EXCEPTION 'role change % is not on the record', change
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_on_the_record';
  END IF;
  IF c.kind = 'membership' AND (c.wanted ->> 'held')::boolean THEN
    INSERT INTO identity_membership (person_id, team_id, role) VALUES (c.person_id, c.team_id, c.role)
      ON CONFLICT (person_id, team_id, role) DO NOTHING;
  ELSIF c.kind = 'membership' THEN
    DELETE FROM identity_membership m WHERE (m.person_id, m.team_id, m.role) = (c.person_id, c.team_id, c.role);
  ELSIF c.kind = 'platform_role' AND (c.wanted ->> 'held')::boolean THEN
    INSERT INTO identity_platformrole (person_id, role) VALUES (c.person_id, c.role)
      ON CONFLICT (person_id, role) DO NOTHING;
  ELSIF c.kind = 'platform_role' THEN
    DELETE FROM identity_platformrole r WHERE (r.person_id, r.role) = (c.person_id, c.role);
  ELSIF c.kind = 'administration' AND c.row_id = c.person_id THEN
    UPDATE identity_person p SET
      is_active = coalesce((c.wanted ->> 'is_active')::boolean, p.is_active),
      is_staff = coalesce((c.wanted ->> 'is_staff')::boolean, p.is_staff),
      is_superuser = coalesce((c.wanted ->> 'is_superuser')::boolean, p.is_superuser)
     WHERE p.id = c.row_id;
  ELSE
    RAISE EXCEPTION 'role change % is no role', change
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_of_a_role';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION identity_keep_role_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'role changes are kept' USING ERRCODE = 'integrity_constraint_violation',
      CONSTRAINT = 'role_change_kept';
  END IF;
  IF NEW.state = 'approved' AND OLD.state = 'waiting' AND (OLD.expires_at <= meshmarket_now() OR EXISTS (
      SELECT FROM identity_rolechange made
       WHERE made.person_id = NEW.decided_by_id AND made.bars_until > meshmarket_now()
         AND (made.kind = 'password' OR (NEW.proposed_by_id IN (made.proposed_by_id, made.decided_by_id)
           AND (made.kind = 'administration' OR (made.kind = 'platform_role' AND made.role = 'governance_admin')))))) THEN
    RAISE EXCEPTION 'role change % is confirmed too late, or by somebody whom its proposer made a governor', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'role_change_second_governor';
  END IF;
  RETURN NEW;
END $$;

UPDATE identity_rolechange r SET
  state = CASE state WHEN 'confirmed' THEN 'approved' WHEN 'expired' THEN 'lapsed' ELSE state END,
  decided_by_id = CASE WHEN state <> 'withdrawn' THEN decided_by_id END,
  event_id = CASE WHEN at_once THEN proposal_event_id ELSE (SELECT min(e.id) FROM audit_event e
    WHERE e.verb IN ('confirm_role_change', 'reject_role_change') AND e.data -> 'role_change' = to_jsonb(r.id)) END;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

ALTER TABLE identity_rolechange ALTER COLUMN state TYPE varchar(10),
  ADD CONSTRAINT identity_rolechange_event_id_key UNIQUE (event_id),
  ADD CONSTRAINT identity_rolechange_event_id_fk FOREIGN KEY (event_id) REFERENCES audit_event (id) DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT identity_rolechange_ended_by_id_fk FOREIGN KEY (ended_by_id) REFERENCES identity_person (id) DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT role_change_has_its_decider CHECK (
    state = 'approved' AND at_once AND decided_by_id IS NULL
    OR state IN ('waiting', 'lapsed', 'withdrawn') AND NOT at_once AND decided_by_id IS NULL
    OR state IN ('approved', 'rejected') AND NOT at_once AND decided_by_id IS NOT NULL),
  ADD CONSTRAINT role_change_second_governor CHECK (
    state <> 'approved' OR at_once OR decided_by_id <> proposed_by_id AND (person_id IS NULL OR decided_by_id <> person_id)),
  ADD CONSTRAINT role_change_bars_in_effect CHECK (bars_until IS NULL OR state = 'approved');
CREATE INDEX identity_rolechange_ended_by_id ON identity_rolechange (ended_by_id);
CREATE UNIQUE INDEX role_change_waits_once ON identity_rolechange (kind, person_id, team_id, role, row_id) NULLS NOT DISTINCT
  WHERE state = 'waiting';
CREATE TRIGGER decision_guarded BEFORE UPDATE ON identity_rolechange FOR EACH ROW EXECUTE FUNCTION decision_guard(
  'role_change', 'bars_until', '', '');
CREATE TRIGGER identity_role_change_kept BEFORE UPDATE OR DELETE ON identity_rolechange
  FOR EACH ROW EXECUTE FUNCTION identity_keep_role_change();
