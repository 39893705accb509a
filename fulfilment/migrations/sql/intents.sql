-- Guards the seen half of an intent: it is proven by a round of its own scope, at its present generation, and
-- by a reading that began after every write was settled.

CREATE FUNCTION fulfilment_check_proof() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof record;
BEGIN
  IF NEW.presence NOT IN ('present', 'absent') OR (NEW.presence = OLD.presence
      AND NEW.evidence_id = OLD.evidence_id AND NEW.proven_generation = OLD.proven_generation) THEN
    RETURN NEW;
  END IF;
  SELECT r.began_at, r.scope_id, s.key INTO proof
    FROM fulfilment_round r JOIN fulfilment_scope s ON s.id = r.scope_id WHERE r.id = NEW.evidence_id;
  IF NEW.proven_generation <> NEW.generation OR proof.key IS DISTINCT FROM NEW.scope_key THEN
    RAISE EXCEPTION 'intent % is proven at another generation or by another scope', NEW.id;
  END IF;
  IF EXISTS (SELECT 1 FROM fulfilment_step st JOIN fulfilment_round r ON r.id = st.round_id
      WHERE r.scope_id = proof.scope_id AND st.sent_at > proof.began_at - interval '1 hour'
        AND coalesce(st.answered_at, st.open_until) > proof.began_at) THEN
    RAISE EXCEPTION 'intent %: a write was not settled when its proof began', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_intent_proof BEFORE UPDATE ON fulfilment_intent
  FOR EACH ROW EXECUTE FUNCTION fulfilment_check_proof();

-- Guards the wanted half: an intent ends once and never later, its generation grows, and `opened` gains only
-- columns of holds that were ended for this intent by a person, or by a steward's classification.

CREATE FUNCTION fulfilment_keep_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
    RAISE EXCEPTION 'intent % has ended, once and for all', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_ends_once';
  END IF;
  IF OLD.expires_at IS NOT NULL AND (NEW.expires_at IS NULL OR NEW.expires_at > OLD.expires_at) THEN
    RAISE EXCEPTION 'intent % would end later than was agreed to', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_ends_no_later';
  END IF;
  IF NEW.generation < OLD.generation THEN
    RAISE EXCEPTION 'generations of intent % only grow', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_generation_grows';
  END IF;
  IF NEW.opened IS DISTINCT FROM OLD.opened AND (NOT NEW.opened @> OLD.opened OR EXISTS (
      SELECT FROM jsonb_array_elements_text(NEW.opened) AS opened (name)
       WHERE NOT OLD.opened ? opened.name AND NOT EXISTS (SELECT FROM fulfilment_hold h
         WHERE h.intent_id = OLD.id AND h.column = opened.name AND h.ended_as IN ('released', 'classified')))) THEN
    RAISE EXCEPTION 'intent % is opened to a column that nobody let in', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_opened_by_a_hold';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_intent_kept BEFORE UPDATE OF expires_at, ended_at, generation, opened ON fulfilment_intent
  FOR EACH ROW EXECUTE FUNCTION fulfilment_keep_wanted();
