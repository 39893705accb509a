-- Guards that each intent has a row that owns it, with its event, in the transaction that wrote it, and ends
-- no later. The engine asks for a whole scope by one statement (`requests_app.grants.justification`), the
-- trigger for one row. No fact that changes later is checked here: who was whose owner is checked when the
-- decision is written.

-- Of a grant: of what was adopted, or decided by a standing consent, the rules are not on the record as needs
-- of this grant.

CREATE FUNCTION requests_grant_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE g record; need record; agreed integer;
BEGIN
  SELECT gr.id, gr.item_id, gr.effects_hash, gr.ends_at, gr.state, it.verdict, it.state AS item_state,
         p.arn, p.unique_id, a.account_id, d.catalog_id, o.account_id AS owner, r.principal_id = gr.principal_id AS same,
         e.verb, e.subject, e.data
    INTO g
    FROM requests_grant gr
    JOIN requests_requestitem it ON it.id = gr.item_id JOIN requests_accessrequest r ON r.id = it.request_id
    JOIN identity_principal p ON p.id = gr.principal_id JOIN identity_account a ON a.id = p.account_id
    JOIN catalog_table t ON t.id = gr.table_id JOIN catalog_database d ON d.id = t.database_id
    JOIN identity_connectedcatalog c ON c.id = d.catalog_id JOIN identity_account o ON o.id = c.account_id
    JOIN audit_event e ON e.id = gr.event_id
   WHERE gr.intent_id = i.id;
  IF NOT FOUND THEN RETURN 'no grant owns it'; END IF;
  IF i.subject <> 'item:' || g.item_id OR NOT g.same OR g.item_state <> 'approved' THEN
    RETURN 'its grant is of another request';
  END IF;
  IF i.effects -> 'access' IS DISTINCT FROM i.wanted OR g.effects_hash <> i.effects_hash THEN
    RETURN 'it wants something else than was approved';
  END IF;
  IF i.wanted ->> 'principal_arn' IS DISTINCT FROM g.arn OR i.wanted ->> 'principal_id' IS DISTINCT FROM g.unique_id
      OR i.wanted ->> 'owner' IS DISTINCT FROM g.owner OR i.wanted ->> 'consumer' IS DISTINCT FROM g.account_id
      OR i.scope_key <> 'share:' || g.catalog_id || ':' || g.account_id THEN
    RETURN 'it is for another principal or catalog than its grant';
  END IF;
  IF i.expires_at IS NULL OR i.expires_at > g.ends_at OR (g.state = 'revoked' AND i.ended_at IS NULL) THEN
    RETURN 'it would last longer than its grant';
  END IF;
  IF g.subject <> i.subject OR g.data ->> 'effects_hash' IS DISTINCT FROM i.effects_hash OR g.verb NOT IN ('approve_item',
      'approve_item_by_policy', 'approve_item_under_offer', 'approve_item_by_consent', 'adopt_permission') THEN
    RETURN 'no approval of it is on the record';
  END IF;
  IF g.verb NOT IN ('approve_item_by_consent', 'adopt_permission')
      AND g.data #> '{rules,needs}' IS DISTINCT FROM g.verdict -> 'needs' THEN
    RETURN 'the rules that it was approved under are not those on the record';
  END IF;
  FOR need IN SELECT demanded.role, max(demanded.quorum) AS quorum FROM jsonb_to_recordset(
      coalesce(g.verdict -> 'needs', '[]'::jsonb) || '[{"role": "owner", "quorum": 1}]'::jsonb) AS demanded (role text, quorum integer)
     GROUP BY demanded.role LOOP
    SELECT count(DISTINCT coalesce(d.on_behalf_of_id, d.decided_by_id)) INTO agreed FROM requests_decision d
     WHERE d.item_id = g.item_id AND d.answer = 'approve' AND d.role = need.role AND d.effects_hash = i.effects_hash
       AND d.decided_by_id <> d.requester_id AND (d.ends_at IS NULL OR d.ends_at >= g.ends_at);
    IF agreed < need.quorum THEN
      RETURN format('%s of %s decisions as %s approve its effects', agreed, need.quorum, need.role);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Of a subgrant.

CREATE FUNCTION requests_subgrant_fault(i fulfilment_intent) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE l record;
BEGIN
  SELECT h.subgrant_id, h.member_id, m.arn, m.unique_id, m.group_id = lg.group_id AS same, lg.columns, lg.ended_at,
         ei.id AS account_grant, ei.scope_key, ei.wanted, e.verb
    INTO l
    FROM requests_subgrantintent h JOIN requests_subgrant lg ON lg.id = h.subgrant_id
    JOIN identity_localmember m ON m.id = h.member_id JOIN requests_grant g ON g.id = lg.account_grant_id
    JOIN fulfilment_intent ei ON ei.id = g.intent_id JOIN audit_event e ON e.id = lg.event_id
   WHERE h.intent_id = i.id;
  IF i.subject <> 'subgrant:' || l.subgrant_id || ':' || l.member_id OR NOT l.same OR l.verb <> 'pass_on' THEN
    RETURN 'no admin of the account passed it on';
  END IF;
  IF i.wanted ->> 'kind' IS DISTINCT FROM 'table' THEN RETURN 'it is not about one table'; END IF;
  IF i.effects -> 'access' IS DISTINCT FROM i.wanted OR i.wanted -> 'account_grant' IS DISTINCT FROM to_jsonb(l.account_grant)
      OR i.wanted ->> 'principal_arn' IS DISTINCT FROM l.arn OR i.wanted ->> 'principal_id' IS DISTINCT FROM l.unique_id
      OR i.scope_key <> l.scope_key THEN
    RETURN 'it wants something else than was passed on';
  END IF;
  IF NOT i.wanted ? 'row_filter' AND NOT coalesce(to_jsonb(l.columns) @> (i.wanted #> '{columns,include}'), false) THEN
    RETURN 'it wants more columns than were passed on';
  END IF;
  IF l.ended_at IS NOT NULL AND i.ended_at IS NULL THEN RETURN 'what was passed on has ended'; END IF;
  RETURN NULL;
END $$;

-- Of a removal.

CREATE FUNCTION requests_order_fault(i fulfilment_intent) RETURNS text LANGUAGE sql STABLE AS $$
SELECT CASE WHEN EXISTS (SELECT FROM fulfilment_permissionremoval r JOIN audit_event e ON e.id = r.event_id
   WHERE r.intent_id = i.id AND i.subject = 'removal:' || e.id AND i.scope_key = 'catalog:' || r.catalog_id
     AND e.verb = 'order_removal' AND e.subject = 'catalog:' || r.catalog_id AND e.actor = 'person:' || r.ordered_by_id
     AND e.data -> 'permission' = i.wanted) THEN NULL ELSE 'nobody ordered this removal' END
$$;

-- Of any intent: see unjustified_intents.sql.

-- Checked at commit, as the row that owns an intent and its event are written after it.

CREATE FUNCTION requests_demand_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE why text; event bigint;
BEGIN
  SELECT u.reason INTO why FROM requests_unjustified(ARRAY[NEW.id]) u;
  IF why IS NULL AND (NEW.opened <> '[]'::jsonb OR NEW.moved_to <> '') THEN
    why := 'it begins with what only comes later';
  END IF;
  IF why IS NULL AND NEW.kind = 'grant' AND NEW.subject LIKE 'item:%' THEN
    SELECT g.event_id INTO event FROM requests_grant g WHERE g.intent_id = NEW.id;
    IF NOT audit_is_new(event) THEN why := 'its approval was on the record before'; END IF;
    IF NOT EXISTS (SELECT FROM requests_grant g JOIN requests_requestitem t ON t.id = g.item_id
        JOIN catalog_table b ON b.id = g.table_id AND b.id = t.table_id JOIN catalog_database d ON d.id = b.database_id
       WHERE g.intent_id = NEW.id AND CASE NEW.wanted ->> 'kind'
         WHEN 'tags' THEN t.tags <> '{}'::jsonb
         WHEN 'database' THEN t.whole_database AND NEW.wanted ->> 'database' = d.name
         WHEN 'table' THEN t.tags = '{}'::jsonb AND NOT t.whole_database
           AND NEW.wanted ->> 'database' = d.name AND NEW.wanted ->> 'table' = b.name END)
    THEN
      why := 'it is for another table than was requested';
    END IF;
  ELSIF why IS NULL AND NEW.kind = 'removal' AND NOT audit_is_new(split_part(NEW.subject, ':', 2)::bigint) THEN
    why := 'its order was on the record before';
  ELSIF why IS NULL AND NEW.subject LIKE 'subgrant:%' AND NOT EXISTS (SELECT FROM requests_subgrantintent h
      JOIN requests_subgrant l ON l.id = h.subgrant_id JOIN requests_grant g ON g.id = l.account_grant_id
      JOIN fulfilment_intent e ON e.id = g.intent_id WHERE h.intent_id = NEW.id AND NEW.expires_at <= e.expires_at) THEN
    why := 'it would last longer than its account grant';
  END IF;
  IF why IS NOT NULL THEN
    RAISE EXCEPTION 'intent % is not justified: %', NEW.id, why
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_has_its_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_has_its_owner AFTER INSERT ON fulfilment_intent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_owner();

-- An intent ends with its grant.

CREATE FUNCTION requests_demand_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM fulfilment_intent i JOIN requests_grant g ON g.intent_id = i.id WHERE g.id = NEW.id
      AND (i.expires_at > g.ends_at OR g.state = 'revoked' AND i.ended_at IS NULL)) THEN
    RAISE EXCEPTION 'the intent of grant % would last longer', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_ends_with_its_grant';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_ends_with_its_grant AFTER UPDATE OF ends_at, state ON requests_grant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_end();

-- What becomes of an intent is on its owner's row, and on the record by an event of the same transaction.

CREATE FUNCTION requests_demand_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE g record; why text;
BEGIN
  SELECT gr.id, gr.state, gr.ends_at, i.ended_at, i.expires_at, i.opened INTO g
    FROM requests_grant gr JOIN fulfilment_intent i ON i.id = gr.intent_id WHERE gr.intent_id = NEW.id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF OLD.ended_at IS NULL AND g.ended_at IS NOT NULL AND (g.state <> 'revoked' OR NOT EXISTS (SELECT FROM audit_event e
      WHERE e.subject = 'grant:' || g.id AND e.verb = 'revoke_grant' AND audit_is_new(e.id))) THEN
    why := 'its grant was not revoked';
  ELSIF g.expires_at <> g.ends_at THEN
    why := 'its grant ends at another time';
  ELSIF EXISTS (SELECT FROM jsonb_array_elements_text(g.opened) AS opened (name)
      WHERE NOT OLD.opened ? opened.name AND NOT EXISTS (SELECT FROM audit_event e
        WHERE e.subject = 'grant:' || g.id AND e.verb IN ('release_column', 'release_classified_column')
          AND e.data ->> 'column' = opened.name AND audit_is_new(e.id))) THEN
    why := 'nobody let the column in';
  END IF;
  IF why IS NOT NULL THEN
    RAISE EXCEPTION 'intent % is changed without a record: %', NEW.id, why
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_changes_on_the_record';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_changes_on_the_record AFTER UPDATE OF ended_at, expires_at, opened ON fulfilment_intent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_record();
