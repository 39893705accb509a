-- Guards that a standing consent is given by a data owner of its domain.

CREATE FUNCTION requests_demand_giver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
      WHERE d.id = NEW.domain_id AND m.person_id = NEW.granted_by_id AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'person % is no data owner of domain %', NEW.granted_by_id, NEW.domain_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'consent_given_by_an_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_consent_giver AFTER INSERT ON requests_breakglassconsent
  FOR EACH ROW EXECUTE FUNCTION requests_demand_giver();
