-- Guards subgrants: given by an admin of the account, within a live account grant of it. Of an account grant that
-- was adopted, no more is passed on than AWS holds the grant option for.

CREATE FUNCTION requests_bound_subgrant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM requests_grant g
      JOIN identity_principal p ON p.id = g.principal_id AND p.arn = p.unique_id
      JOIN identity_localgroup l ON l.id = NEW.group_id AND l.account_id = p.account_id AND l.ended_at IS NULL
      JOIN fulfilment_intent i ON i.id = g.intent_id AND i.ended_at IS NULL
     WHERE g.id = NEW.account_grant_id AND g.state = 'live'
       AND EXISTS (
         SELECT 1 FROM (
           SELECT i.wanted->'columns' AS columns WHERE NOT i.wanted ? 'adoption'
           UNION ALL SELECT b->'columns' FROM jsonb_array_elements(i.wanted->'adoption'->'companion_permissions') b
            WHERE i.wanted ? 'adoption' AND b->>'verb' = 'SELECT' AND (b->>'grantable')::boolean
              AND (b->>'table') = (i.wanted->>'table')
         ) passable
         WHERE passable.columns ? 'except' OR to_jsonb(NEW.columns) <@ (passable.columns->'include'))) THEN
    RAISE EXCEPTION 'subgrant % does not lie within a live account grant of its account', NEW.id;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM identity_localgroup l
      JOIN identity_account a ON a.id = l.account_id
      JOIN identity_membership m ON m.team_id = a.team_id AND m.role = 'account_admin'
     WHERE l.id = NEW.group_id AND m.person_id = NEW.granted_by_id) THEN
    RAISE EXCEPTION 'subgrant % was not given by an admin of its account', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_subgrant_bounded BEFORE INSERT ON requests_subgrant
  FOR EACH ROW EXECUTE FUNCTION requests_bound_subgrant();

-- A subgrant ends once and otherwise never changes.

CREATE FUNCTION requests_keep_subgrant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL OR (NEW.group_id, NEW.account_grant_id, NEW.columns, NEW.granted_by_id, NEW.granted_at, NEW.event_id)
      IS DISTINCT FROM (OLD.group_id, OLD.account_grant_id, OLD.columns, OLD.granted_by_id, OLD.granted_at, OLD.event_id) THEN
    RAISE EXCEPTION 'subgrant % is ended once and otherwise never changed', OLD.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_subgrant_kept BEFORE UPDATE ON requests_subgrant
  FOR EACH ROW EXECUTE FUNCTION requests_keep_subgrant();
