-- Guards that a data owner delegates to a colleague of the same team, with an event.

CREATE FUNCTION requests_demand_delegator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM identity_membership m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.owner_id
      AND m.role = 'data_owner')
  OR NOT EXISTS (SELECT FROM identity_membership m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.delegate_id)
  OR NOT EXISTS (SELECT FROM audit_event e WHERE e.id = NEW.event_id AND e.verb = 'delegate_decisions') THEN
    RAISE EXCEPTION 'delegation % is not of a data owner to a colleague of the team', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'delegation_within_a_team';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER delegation_within_a_team AFTER INSERT ON requests_delegation
  FOR EACH ROW EXECUTE FUNCTION requests_demand_delegator();
