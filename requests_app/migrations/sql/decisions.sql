-- Guards that a decision belongs to the requester of its item.

ALTER TABLE requests_decision ADD CONSTRAINT decision_requester_is_the_items
  FOREIGN KEY (item_id, requester_id) REFERENCES requests_requestitem (id, requester_id);

-- Guards that a decision is made by somebody who holds the role, who is outside the requesting teams; and
-- that one made by a rule follows a published rule of the domain, in the name of whoever published it.

CREATE FUNCTION requests_demand_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked record; holds boolean;
BEGIN
  SELECT r.team_id, a.team_id AS account_team, coalesce(d.domain_id, p.domain_id) AS domain INTO asked
    FROM requests_requestitem i JOIN requests_accessrequest r ON r.id = i.request_id
    JOIN identity_principal o ON o.id = r.principal_id JOIN identity_account a ON a.id = o.account_id
    JOIN catalog_table t ON t.id = i.table_id JOIN catalog_database d ON d.id = t.database_id
    LEFT JOIN catalog_dataproduct p ON p.id = i.product_id
   WHERE i.id = NEW.item_id;
  holds := CASE NEW.role
      WHEN 'owner' THEN EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
        WHERE d.id = asked.domain AND m.person_id = coalesce(NEW.on_behalf_of_id, NEW.decided_by_id)
          AND m.role = 'data_owner' AND (NEW.on_behalf_of_id IS NULL OR EXISTS (SELECT FROM requests_delegation g
            WHERE g.owner_id = NEW.on_behalf_of_id AND g.delegate_id = NEW.decided_by_id AND g.team_id = m.team_id
              AND g.ended_at IS NULL AND g.starts_at <= meshmarket_now() AND g.ends_at > meshmarket_now())))
      WHEN 'lead' THEN EXISTS (SELECT FROM identity_membership m
        WHERE m.team_id = asked.team_id AND m.person_id = NEW.decided_by_id AND m.role = 'lead')
      ELSE EXISTS (SELECT FROM identity_platformrole h WHERE h.person_id = NEW.decided_by_id AND h.role = NEW.role)
    END;
  IF NOT holds THEN
    RAISE EXCEPTION 'person % does not decide on item % as its %', NEW.decided_by_id, NEW.item_id, NEW.role
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_in_a_role_that_is_held';
  END IF;
  IF EXISTS (SELECT FROM identity_person p
      WHERE p.id IN (NEW.decided_by_id, NEW.on_behalf_of_id) AND NOT p.is_active) THEN
    RAISE EXCEPTION 'person % has left and decides on nothing', NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_an_active_person';
  END IF;
  IF NEW.role <> 'lead' AND EXISTS (SELECT FROM identity_membership m
      WHERE m.person_id IN (NEW.decided_by_id, NEW.on_behalf_of_id) AND m.team_id IN (asked.team_id, asked.account_team)) THEN
    RAISE EXCEPTION 'person % belongs to the team that requested item %', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_outside_the_asking_team';
  END IF;
  IF NEW.by_rule_id IS NOT NULL AND NOT EXISTS (SELECT FROM requests_policyversion v WHERE v.id = NEW.by_rule_id
      AND v.state = 'published' AND v.domain_id = asked.domain AND v.published_by_id = NEW.decided_by_id
      AND v.rules @? '$[*].then.automatic') THEN
    RAISE EXCEPTION 'no published rule approves item % for person %', NEW.item_id, NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_published_rule';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_role AFTER INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_demand_role();

-- Guards decisions by a standing consent: it is valid, covers the item, and the second person confirmed.

CREATE FUNCTION requests_demand_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM requests_breakglassconsent c
      JOIN requests_breakglasssession b ON b.consent_id = c.id
      JOIN requests_accessrequest r ON r.id = b.request_id
      JOIN requests_requestitem i ON i.request_id = r.id
      JOIN requests_consenttable t ON t.consent_id = c.id AND t.table_id = i.table_id
     WHERE c.id = NEW.by_consent_id AND i.id = NEW.item_id AND i.tags = '{}'
       AND NOT i.whole_database AND (t.columns = '{}' OR (NOT i.whole_table AND i.columns <@ t.columns))
       AND c.granted_by_id = NEW.decided_by_id AND c.recipient_id = NEW.requester_id AND b.started_by_id = c.recipient_id
       AND b.confirmed_by_id = c.confirmer_id AND b.state = 'confirmed' AND r.principal_id = c.principal_id
       AND c.withdrawn_at IS NULL AND c.until > NEW.decided_at
       AND i.ends_at <= b.started_at + c.hours * interval '1 hour') THEN
    RAISE EXCEPTION 'no confirmed session under a standing consent covers item %', NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_valid_consent';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_consent AFTER INSERT ON requests_decision
  FOR EACH ROW WHEN (NEW.by_consent_id IS NOT NULL) EXECUTE FUNCTION requests_demand_consent();

-- Guards decisions by an automatic offer: it is published, and the item was requested under it.

CREATE FUNCTION requests_demand_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM requests_requestitem i
      JOIN catalog_offerversion v ON v.id = i.offer_id JOIN catalog_offer o ON o.id = v.offer_id
      JOIN catalog_table t ON t.id = i.table_id JOIN catalog_database d ON d.id = t.database_id
      LEFT JOIN catalog_dataproduct p ON p.id = i.product_id
     WHERE i.id = NEW.item_id AND v.id = NEW.by_offer_id AND v.state = 'published' AND v.automatic
       AND v.published_by_id = NEW.decided_by_id AND o.domain_id = coalesce(d.domain_id, p.domain_id)) THEN
    RAISE EXCEPTION 'no published offer approves item % for person %', NEW.item_id, NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_published_offer';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_offer AFTER INSERT ON requests_decision
  FOR EACH ROW WHEN (NEW.by_offer_id IS NOT NULL) EXECUTE FUNCTION requests_demand_offer();

-- Guards that whoever answers for a service role does not decide on requests for it.

CREATE FUNCTION requests_owner_of_role_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM requests_requestitem i
      JOIN requests_accessrequest r ON r.id = i.request_id
      JOIN identity_principal p ON p.id = r.principal_id
     WHERE i.id = NEW.item_id AND p.owner_id IN (NEW.decided_by_id, NEW.on_behalf_of_id)) THEN
    RAISE EXCEPTION 'decision % is by the responsible person of the service role', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_decision_apart BEFORE INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_owner_of_role_apart();

-- Guards that nobody decides who took the request over or was in the requesting teams when it was made, and that
-- nothing is decided while whoever answers for the request is deactivated.

CREATE FUNCTION requests_demand_separation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked record;
BEGIN
  SELECT r.requester_id, r.taken_over_ids, r.member_ids, p.is_active INTO asked
    FROM requests_requestitem i JOIN requests_accessrequest r ON r.id = i.request_id
    JOIN identity_person p ON p.id = coalesce(r.taken_over_by_id, r.requester_id)
   WHERE i.id = NEW.item_id;
  IF NEW.decided_by_id = ANY (asked.taken_over_ids) OR NEW.on_behalf_of_id = ANY (asked.taken_over_ids) THEN
    RAISE EXCEPTION 'person % took over the request of item %', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_not_by_who_took_over';
  END IF;
  IF NEW.role <> 'lead' AND (NEW.decided_by_id = ANY (asked.member_ids) OR NEW.on_behalf_of_id = ANY (asked.member_ids)) THEN
    RAISE EXCEPTION 'person % belonged to the team when it requested item %', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_outside_the_asking_team_of_then';
  END IF;
  IF NOT asked.is_active THEN
    RAISE EXCEPTION 'the requester of item % has left', NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_while_somebody_answers';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_separation AFTER INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_demand_separation();
