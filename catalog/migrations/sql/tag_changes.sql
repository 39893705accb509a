-- Guards that an approved tag change is justified, and does not change any more. `requests_unjustified` asks for it.

CREATE FUNCTION catalog_tag_change_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE c record; missing integer;
BEGIN
  SELECT * INTO c FROM catalog_tagchange t WHERE t.intent_id = i.id;
  IF NOT FOUND THEN RETURN 'no tag change owns it'; END IF;
  IF c.state <> 'approved' OR i.subject <> 'tag_change:' || c.id OR i.scope_key <> 'catalog:' || c.catalog_id THEN
    RETURN 'it belongs to another tag change';
  END IF;
  IF i.effects IS DISTINCT FROM c.effects OR i.effects_hash <> c.effects_hash OR i.wanted IS DISTINCT FROM c.effects -> 'wanted'
      OR c.effects #> '{wanted,assignments}' IS DISTINCT FROM c.assignments
      OR c.effects #> '{wanted,definitions}' IS DISTINCT FROM c.definitions THEN
    RETURN 'it wants something else than was approved';
  END IF;
  SELECT count(*) INTO missing
    FROM (SELECT team::text::bigint AS team FROM jsonb_array_elements(c.effects -> 'teams') AS teams (team)
          UNION ALL SELECT NULL WHERE c.effects -> 'teams' = '[]'::jsonb OR c.definitions <> '[]'::jsonb) needed
   WHERE NOT EXISTS (SELECT FROM catalog_tagchangeapproval a JOIN audit_event e ON e.id = a.event_id
      WHERE a.tag_change_id = c.id AND a.team_id IS NOT DISTINCT FROM needed.team AND a.effects_hash = c.effects_hash
        AND a.decided_by_id <> c.proposed_by_id AND e.verb = 'approve_tag_change' AND e.subject = i.subject
        AND e.actor = 'person:' || a.decided_by_id AND e.data ->> 'effects_hash' = c.effects_hash);
  IF missing > 0 THEN RETURN format('%s of the needed approvals of its effects are missing', missing); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION catalog_keep_tag_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'pending' OR (NEW.catalog_id, NEW.proposed_by_id, NEW.definitions, NEW.assignments) IS DISTINCT FROM
      (OLD.catalog_id, OLD.proposed_by_id, OLD.definitions, OLD.assignments) THEN
    RAISE EXCEPTION 'tag change % is closed', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tag_change_is_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER tag_change_is_kept BEFORE UPDATE ON catalog_tagchange
  FOR EACH ROW EXECUTE FUNCTION catalog_keep_tag_change();

-- Who approves is a data owner of the team, or a governance admin of keys and of what no team owns; never who proposed it.

CREATE FUNCTION catalog_check_tag_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM catalog_tagchange c WHERE c.id = NEW.tag_change_id AND c.proposed_by_id = NEW.proposed_by_id
        AND c.state = 'pending')
      OR NOT EXISTS (SELECT FROM identity_person p WHERE p.id = NEW.decided_by_id AND p.is_active)
      OR (NEW.team_id IS NULL AND NOT EXISTS (SELECT FROM identity_platformrole r
        WHERE r.person_id = NEW.decided_by_id AND r.role = 'governance_admin'))
      OR (NEW.team_id IS NOT NULL AND NOT EXISTS (SELECT FROM identity_membership m
        WHERE m.person_id = NEW.decided_by_id AND m.team_id = NEW.team_id AND m.role = 'data_owner')) THEN
    RAISE EXCEPTION 'person % may not approve tag change %', NEW.decided_by_id, NEW.tag_change_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'tag_change_approved_by_an_owner';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER tag_change_approved_by_an_owner BEFORE INSERT ON catalog_tagchangeapproval
  FOR EACH ROW EXECUTE FUNCTION catalog_check_tag_approval();
