-- Guards that a grant has, when it commits, the approvals that its item's verdict needs, of other people than
-- the requester, for these very effects.

CREATE FUNCTION requests_demand_quorum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE need record; found integer;
BEGIN
  FOR need IN SELECT demanded.role, max(demanded.quorum) AS quorum
      FROM requests_requestitem i, jsonb_to_recordset(coalesce(i.verdict -> 'needs', '[]'::jsonb)
        || '[{"role": "owner", "quorum": 1}]'::jsonb) AS demanded (role text, quorum integer)
     WHERE i.id = NEW.item_id GROUP BY demanded.role LOOP
    SELECT count(DISTINCT coalesce(d.on_behalf_of_id, d.decided_by_id)) INTO found FROM requests_decision d
     WHERE d.item_id = NEW.item_id AND d.answer = 'approve' AND d.role = need.role
       AND d.effects_hash = NEW.effects_hash AND d.decided_by_id <> d.requester_id
       AND (d.ends_at IS NULL OR d.ends_at >= NEW.ends_at);
    IF found < need.quorum THEN
      RAISE EXCEPTION 'grant % has no approval of another person for its effects: % of % as %',
        NEW.id, found, need.quorum, need.role;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER requests_grant_quorum AFTER INSERT ON requests_grant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_quorum();

-- Guards that the requester gave the answers and accepted the texts that rules demand.

CREATE FUNCTION requests_demand_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM requests_requestitem i,
      jsonb_array_elements(coalesce(i.verdict #> '{required_information,fields}', '[]'::jsonb)) AS demanded
     WHERE i.id = NEW.item_id AND coalesce(i.answers ->> (demanded ->> 'name'), '') = '')
  OR EXISTS (SELECT FROM requests_requestitem i,
      jsonb_array_elements_text(coalesce(i.verdict #> '{required_information,texts}', '[]'::jsonb)) AS demanded
     WHERE i.id = NEW.item_id AND NOT EXISTS (SELECT FROM requests_requiredtextacceptance a
       WHERE a.person_id = i.requester_id AND a.text = demanded)) THEN
    RAISE EXCEPTION 'grant % lacks information that a rule requires', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'grant_meets_what_rules_demand';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_grant_answers AFTER INSERT ON requests_grant
  FOR EACH ROW EXECUTE FUNCTION requests_demand_answers();

-- Guards that a grant ends no later than was agreed to.

CREATE FUNCTION requests_refuse_later_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'grant % would end later than was agreed to', OLD.id;
END $$;
CREATE TRIGGER requests_grant_never_later BEFORE UPDATE OF ends_at ON requests_grant
  FOR EACH ROW WHEN (NEW.ends_at > OLD.ends_at) EXECUTE FUNCTION requests_refuse_later_end();
