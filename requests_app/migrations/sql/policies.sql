-- Guards that a policy of the whole mesh restricts and never approves.

ALTER TABLE requests_policyversion ADD CONSTRAINT policy_global_never_automatic
  CHECK (domain_id IS NOT NULL OR NOT rules @? '$[*].then.automatic');

-- Guards that a policy is published by a data owner of its domain, or, for the whole mesh, by a governance
-- admin.

CREATE FUNCTION requests_demand_rule_giver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE WHEN NEW.domain_id IS NULL
      THEN EXISTS (SELECT FROM identity_platformrole h WHERE h.person_id = NEW.published_by_id AND h.role = 'governance_admin')
      ELSE EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
        WHERE d.id = NEW.domain_id AND m.person_id = NEW.published_by_id AND m.role = 'data_owner') END) THEN
    RAISE EXCEPTION 'policy % was published by somebody who is no data owner of its domain', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policy_published_by_its_domain';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER policy_published_by_its_domain BEFORE INSERT OR UPDATE OF state, published_by_id ON requests_policyversion
  FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION requests_demand_rule_giver();
