-- Tag changes have the columns and states of all decisions. Runs between the new columns and the constraints on them.

DROP TRIGGER tag_change_is_kept ON catalog_tagchange;
DROP FUNCTION catalog_keep_tag_change();

-- Rejected for any of the teams; approved for each by itself. A withdrawal is no decision.

CREATE OR REPLACE FUNCTION decision_bases(asked catalog_tagchange) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW('decided_by', asked.decided_by_id, 'owner', team::bigint, NULL, ARRAY[asked.requested_by_id],
           ARRAY[team::bigint], '{}')::decision_basis
  FROM jsonb_array_elements_text(asked.effects -> 'teams') team WHERE asked.state IN ('waiting', 'rejected')
UNION ALL
SELECT decision_role_basis('decided_by', asked.decided_by_id, 'governance_admin', ARRAY[asked.requested_by_id])
 WHERE asked.state IN ('waiting', 'rejected')
$$;

CREATE OR REPLACE FUNCTION decision_bases(asked catalog_tagchangeapproval) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW('decided_by', asked.decided_by_id,
           CASE WHEN asked.team_id IS NULL THEN 'governance_admin' ELSE 'owner' END, asked.team_id, NULL,
           ARRAY[asked.requested_by_id], array_remove(ARRAY[asked.team_id], NULL), '{}')::decision_basis
$$;

-- A withdrawal is the end of a change, not a decision on it. The last approval or the rejection is the decision.

UPDATE catalog_tagchange SET ended_by_id = decided_by_id, ended_at = decided_at, end_reason = comment,
    decided_by_id = NULL, decided_at = NULL, comment = '' WHERE state = 'withdrawn';
UPDATE catalog_tagchange c SET comment = a.comment, event_id = a.event_id
  FROM (SELECT DISTINCT ON (tag_change_id) tag_change_id, comment, event_id FROM catalog_tagchangeapproval ORDER BY tag_change_id, id DESC) a
 WHERE c.state = 'approved' AND a.tag_change_id = c.id;
UPDATE catalog_tagchange SET state = 'waiting' WHERE state = 'pending';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

CREATE TRIGGER decision_guarded BEFORE INSERT OR UPDATE ON catalog_tagchange FOR EACH ROW EXECUTE FUNCTION decision_guard(
  'tag_change', 'effects,intent_id', '', '');

CREATE OR REPLACE FUNCTION catalog_tag_change_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
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
        AND a.decided_by_id <> c.requested_by_id AND e.verb = 'approve_tag_change' AND e.subject = i.subject
        AND e.actor = 'person:' || a.decided_by_id AND e.data ->> 'effects_hash' = c.effects_hash);
  IF missing > 0 THEN RETURN format('%s of the needed approvals of its effects are missing', missing); END IF;
  RETURN NULL;
END $$;

-- Who approves is a data owner of the team, or a governance admin of keys and of what no team owns; never who proposed it.

CREATE OR REPLACE FUNCTION catalog_check_tag_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM catalog_tagchange c WHERE c.id = NEW.tag_change_id AND c.requested_by_id = NEW.requested_by_id
        AND c.state = 'waiting')
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
