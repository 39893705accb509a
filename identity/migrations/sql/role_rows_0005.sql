-- The only way in which the web gives or takes a role in a team or across the mesh, makes somebody a superuser or lets them
-- into the administration pages: by a role change that was confirmed in the same transaction. The web role has no right to
-- write these rows and columns itself.

-- Whether one governor is enough, as MESHMARKET_SECOND_GOVERNOR says: `manage.py migrate` writes this function, as its owner.

CREATE FUNCTION identity_lone_governor_suffices() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false';

-- A role change begins as a proposal. Only what needs no second governor takes effect at once, or what the owner writes.

CREATE FUNCTION identity_check_new_role_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'meshmarket_web' THEN RETURN NEW; END IF;
  IF NEW.state <> 'waiting' AND NOT (NEW.state = 'confirmed' AND NEW.at_once) THEN
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
CREATE TRIGGER identity_role_change_begins BEFORE INSERT ON identity_rolechange
  FOR EACH ROW EXECUTE FUNCTION identity_check_new_role_change();

-- Writes what a change wants. A change is decided once, so a row that this transaction wrote was decided by it.

CREATE FUNCTION identity_apply_role_change(change bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  c identity_rolechange;
  is_new boolean;
  deciders bigint[];
BEGIN
  SELECT pg_xact_status((((pg_current_xact_id()::text::bigint >> 32) << 32) | r.xmin::text::bigint)::text::xid8) = 'in progress'
    INTO is_new FROM identity_rolechange r WHERE r.id = change;
  SELECT * INTO c FROM identity_rolechange r WHERE r.id = change;
  IF NOT coalesce(is_new, false) OR c.state <> 'confirmed' THEN
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
  IF NOT EXISTS (SELECT FROM audit_event e WHERE audit_is_new(e.id) AND CASE WHEN c.at_once
        THEN e.id = c.event_id AND e.verb = 'make_role_change' AND e.actor = 'person:' || c.proposed_by_id
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
REVOKE ALL ON FUNCTION identity_apply_role_change(bigint) FROM PUBLIC;

-- Whoever was deactivated comes back by a role change alone.

CREATE FUNCTION identity_keep_deactivated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'meshmarket_web' AND NEW.is_active AND NOT OLD.is_active THEN
    RAISE EXCEPTION 'person % is activated again by a role change alone', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'person_stays_deactivated';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_person_stays_deactivated BEFORE UPDATE OF is_active ON identity_person
  FOR EACH ROW EXECUTE FUNCTION identity_keep_deactivated();

-- An INSERT of the web does not name the columns that it may not write.

ALTER TABLE identity_person ALTER COLUMN is_staff SET DEFAULT false, ALTER COLUMN is_superuser SET DEFAULT false;
