-- Guards grants on a table that was dropped and created again under its name: they are bound to the new table only by the
-- decision of a data owner of its domain, or by a rule that one published. Until then they stay with the table that is gone.

ALTER TABLE requests_policyversion ADD CONSTRAINT policy_global_keeps_no_grants
  CHECK (domain_id IS NOT NULL OR NOT rules @? '$[*].then.keep_recreated_by');

-- Whether a table was made by a role or user, or in a session of the role, as Glue's CreatedBy says.

CREATE FUNCTION requests_is_created_by(creator text, arn text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT creator = arn OR (split_part(creator, ':', 2) = split_part(arn, ':', 2) AND split_part(creator, ':', 3) = 'sts'
  AND split_part(creator, ':', 5) = split_part(arn, ':', 5) AND split_part(creator, ':', 6) LIKE 'assumed-role/%'
  AND split_part(arn, ':', 6) LIKE 'role/%' AND split_part(creator, '/', 2) = regexp_replace(arn, '^.*/', ''))
$$;

-- Whether a rule of this policy keeps grants when the creator of this table creates it: the rule names a role of a producer
-- account of the domain's team, and the table is the same in columns, location, format and kind as the one before it.

CREATE FUNCTION requests_rule_keeps(policy bigint, former bigint, made bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT EXISTS (
  SELECT FROM requests_policyversion v JOIN catalog_domain m ON m.id = v.domain_id
    JOIN catalog_database d ON d.domain_id = m.id JOIN catalog_table t ON t.database_id = d.id
    JOIN catalog_table f ON f.id = former
    CROSS JOIN jsonb_array_elements(v.rules) AS rule
    CROSS JOIN jsonb_array_elements_text(coalesce(rule #> '{then,keep_recreated_by}', '[]'::jsonb)) AS named (arn)
    JOIN identity_principal p ON p.arn = named.arn AND p.gone_at IS NULL AND NOT p.is_portal
    JOIN identity_account a ON a.id = p.account_id AND a.is_producer AND a.team_id = m.owner_team_id
   WHERE v.id = policy AND v.state = 'published' AND t.id = made AND requests_is_created_by(t.created_by, p.arn)
     AND (t.location, t.data_format, t.kind, t.view) IS NOT DISTINCT FROM (f.location, f.data_format, f.kind, f.view)
     AND NOT EXISTS ((SELECT c.name, c.type, c.is_partition_key FROM catalog_column c WHERE c.table_id = f.id
       EXCEPT SELECT c.name, c.type, c.is_partition_key FROM catalog_column c WHERE c.table_id = t.id)
       UNION ALL (SELECT c.name, c.type, c.is_partition_key FROM catalog_column c WHERE c.table_id = t.id
       EXCEPT SELECT c.name, c.type, c.is_partition_key FROM catalog_column c WHERE c.table_id = f.id)))
$$;

-- Guards that a kept grant was of an earlier table of the same name, and who decided it.

CREATE FUNCTION requests_demand_keeper() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE k record; keeper bigint;
BEGIN
  SELECT r.id, r.state, r.table_id, d.domain_id, m.owner_team_id, e.verb, e.actor, e.subject, e.data, g.item_id,
         g.table_id AS granted_table, g.state AS grant_state, i.tags, i.whole_database, i.requester_id, i.product_id,
         q.team_id, q.principal_id, q.taken_over_ids, q.member_ids, p.owner_id,
         t.tombstoned_at IS NULL AND f.tombstoned_at IS NOT NULL AND f.name = t.name AND b.name = d.name
           AND b.catalog_id = d.catalog_id AS same_name
    INTO k
    FROM requests_recreatedtable r JOIN catalog_table t ON t.id = r.table_id JOIN catalog_database d ON d.id = t.database_id
    LEFT JOIN catalog_domain m ON m.id = d.domain_id JOIN audit_event e ON e.id = NEW.event_id
    JOIN catalog_table f ON f.id = NEW.former_table_id JOIN catalog_database b ON b.id = f.database_id
    JOIN requests_grant g ON g.id = NEW.grant_id JOIN requests_requestitem i ON i.id = g.item_id
    JOIN requests_accessrequest q ON q.id = i.request_id JOIN identity_principal p ON p.id = q.principal_id
   WHERE r.id = NEW.recreated_table_id;
  IF k.state <> 'open' OR k.grant_state <> 'live' OR k.granted_table <> NEW.former_table_id OR NOT k.same_name
      OR k.whole_database OR k.tags <> '{}'::jsonb THEN
    RAISE EXCEPTION 'grant % is of no earlier table of that name, or not to be decided', NEW.grant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'kept_grant_of_an_earlier_table';
  END IF;
  keeper := CASE k.verb WHEN 'keep_recreated_table' THEN substring(k.actor FROM '^person:([0-9]+)$')::bigint
    WHEN 'keep_recreated_table_by_rule' THEN (SELECT v.published_by_id FROM requests_policyversion v
      WHERE v.id = (k.data ->> 'policy')::bigint AND requests_rule_keeps(v.id, NEW.former_table_id, k.table_id)) END;
  IF keeper IS NULL OR NOT audit_is_new(NEW.event_id) OR k.subject <> 'recreated_table:' || k.id
      OR NOT coalesce(k.data -> 'grants' @> to_jsonb(NEW.grant_id), false)
      OR NOT EXISTS (SELECT FROM identity_membership s JOIN identity_person o ON o.id = s.person_id AND o.is_active
        WHERE s.person_id = keeper AND s.team_id = k.owner_team_id AND s.role = 'data_owner') THEN
    RAISE EXCEPTION 'no data owner of the domain decided that grant % is kept', NEW.grant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'kept_grant_decided_by_a_data_owner';
  END IF;
  IF keeper IN (k.requester_id, k.owner_id) OR keeper = ANY (k.taken_over_ids) OR keeper = ANY (k.member_ids)
      OR requests_barred(k.requester_id, k.team_id, k.principal_id, k.table_id, k.product_id, keeper, 'owner') IS NOT NULL THEN
    RAISE EXCEPTION 'person % is on the requesting side of grant %, or barred', keeper, NEW.grant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'kept_grant_decided_apart';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER kept_grant_decided AFTER INSERT ON requests_keptgrant
  FOR EACH ROW EXECUTE FUNCTION requests_demand_keeper();
CREATE TRIGGER kept_grant_never_changed BEFORE UPDATE OR DELETE ON requests_keptgrant FOR EACH ROW
  EXECUTE FUNCTION requests_refuse_change('what was kept stays on the record');

-- Guards the decision itself: open until it is decided, once.

CREATE FUNCTION requests_guard_recreated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.state <> 'open' OR TG_OP = 'UPDATE' AND (OLD.state <> 'open' OR NEW.state = 'open'
      OR (OLD.id, OLD.table_id, OLD.found_at) IS DISTINCT FROM (NEW.id, NEW.table_id, NEW.found_at)) THEN
    RAISE EXCEPTION 'the decision on recreated table % is made once', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'recreated_table_decided_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recreated_table_guarded BEFORE INSERT OR UPDATE ON requests_recreatedtable
  FOR EACH ROW EXECUTE FUNCTION requests_guard_recreated();

-- A decided item and its grant name another table only where the grant is kept for it.

CREATE FUNCTION requests_demand_kept_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM requests_keptgrant k JOIN requests_recreatedtable r ON r.id = k.recreated_table_id
      JOIN requests_grant g ON g.id = k.grant_id
     WHERE CASE TG_TABLE_NAME WHEN 'requests_grant' THEN g.id ELSE g.item_id END = OLD.id
       AND k.former_table_id = OLD.table_id AND r.table_id = NEW.table_id AND audit_is_new(k.event_id)) THEN
    RAISE EXCEPTION '% % stays with its table', TG_TABLE_NAME, OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'table_changed_by_a_kept_grant';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER item_decided_once ON requests_requestitem;
CREATE TRIGGER item_decided_once BEFORE UPDATE ON requests_requestitem FOR EACH ROW
  WHEN (OLD.state IN ('approved', 'rejected', 'withdrawn')
    AND to_jsonb(OLD) - 'table_id' IS DISTINCT FROM to_jsonb(NEW) - 'table_id')
  EXECUTE FUNCTION requests_refuse_change('it is no longer open');
DROP TRIGGER item_of_its_request ON requests_requestitem;
CREATE TRIGGER item_of_its_request BEFORE UPDATE ON requests_requestitem FOR EACH ROW
  WHEN ((OLD.id, OLD.request_id, OLD.requester_id, OLD.product_id, OLD.tags, OLD.whole_database, OLD.offer_id)
    IS DISTINCT FROM
    (NEW.id, NEW.request_id, NEW.requester_id, NEW.product_id, NEW.tags, NEW.whole_database, NEW.offer_id))
  EXECUTE FUNCTION requests_refuse_change('what an item requests is fixed');
CREATE TRIGGER item_of_its_table BEFORE UPDATE ON requests_requestitem FOR EACH ROW
  WHEN (OLD.table_id IS DISTINCT FROM NEW.table_id) EXECUTE FUNCTION requests_demand_kept_grant();
DROP TRIGGER grant_of_its_decision ON requests_grant;
CREATE TRIGGER grant_of_its_decision BEFORE UPDATE ON requests_grant FOR EACH ROW
  WHEN ((OLD.id, OLD.item_id, OLD.intent_id, OLD.principal_id, OLD.effects_hash, OLD.granted_at, OLD.event_id)
    IS DISTINCT FROM
    (NEW.id, NEW.item_id, NEW.intent_id, NEW.principal_id, NEW.effects_hash, NEW.granted_at, NEW.event_id))
  EXECUTE FUNCTION requests_refuse_change('what is granted is fixed by the decision');
CREATE TRIGGER grant_of_its_table BEFORE UPDATE ON requests_grant FOR EACH ROW
  WHEN (OLD.table_id IS DISTINCT FROM NEW.table_id) EXECUTE FUNCTION requests_demand_kept_grant();

-- A kept grant takes its item, its place in data products, and its intent with what was passed on of it, to the new table, as the
-- owner of the tables: no role may do so by itself. Fires after `kept_grant_decided`, by its name.

CREATE FUNCTION requests_move_kept_grant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE made bigint; created text;
BEGIN
  SELECT t.id, t.glue_created_at INTO made, created FROM public.requests_recreatedtable r
    JOIN public.catalog_table t ON t.id = r.table_id WHERE r.id = NEW.recreated_table_id;
  UPDATE public.requests_requestitem i SET table_id = made FROM public.requests_grant g
   WHERE g.id = NEW.grant_id AND i.id = g.item_id;
  UPDATE public.requests_grant SET table_id = made WHERE id = NEW.grant_id;
  UPDATE public.catalog_producttable l SET table_id = made WHERE l.table_id = NEW.former_table_id AND NOT EXISTS (
    SELECT FROM public.catalog_producttable o WHERE o.product_id = l.product_id AND o.table_id = made);
  UPDATE public.fulfilment_intent n SET recreated_as = created, generation = n.generation + 1
   WHERE n.ended_at IS NULL AND coalesce(nullif(n.recreated_as, ''), n.wanted ->> 'table_created') IS DISTINCT FROM created
     AND (n.id = (SELECT g.intent_id FROM public.requests_grant g WHERE g.id = NEW.grant_id)
       OR n.id IN (SELECT h.intent_id FROM public.requests_subgrantintent h
         JOIN public.requests_subgrant s ON s.id = h.subgrant_id WHERE s.account_grant_id = NEW.grant_id));
  RETURN NULL;
END $$;
CREATE TRIGGER kept_grant_moves AFTER INSERT ON requests_keptgrant
  FOR EACH ROW EXECUTE FUNCTION requests_move_kept_grant();

-- At commit a kept grant, its item and its intent are of the new table, all of them.

CREATE FUNCTION requests_demand_bound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM requests_recreatedtable r JOIN catalog_table t ON t.id = r.table_id
      JOIN requests_grant g ON g.id = NEW.grant_id JOIN requests_requestitem i ON i.id = g.item_id
      JOIN fulfilment_intent n ON n.id = g.intent_id
     WHERE r.id = NEW.recreated_table_id
       AND NOT EXISTS (SELECT FROM requests_keptgrant later WHERE later.grant_id = NEW.grant_id AND later.id > NEW.id)
       AND ((g.table_id, i.table_id) IS DISTINCT FROM (t.id, t.id)
       OR coalesce(nullif(n.recreated_as, ''), n.wanted ->> 'table_created') IS DISTINCT FROM t.glue_created_at)) THEN
    RAISE EXCEPTION 'grant % is kept, and not bound to the new table', NEW.grant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'kept_grant_is_bound';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER kept_grant_is_bound AFTER INSERT ON requests_keptgrant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_bound();

-- Why an intent may not want the table that it is bound to; NULL where it may, or is of the approved one.

CREATE FUNCTION requests_recreated_fault(i fulfilment_intent) RETURNS text LANGUAGE sql STABLE AS $$
SELECT CASE WHEN i.recreated_as = '' OR i.kind = 'grant' AND i.wanted ->> 'kind' = 'table' AND EXISTS (
    SELECT FROM requests_keptgrant k JOIN requests_recreatedtable r ON r.id = k.recreated_table_id
      JOIN catalog_table t ON t.id = r.table_id JOIN catalog_database d ON d.id = t.database_id
      JOIN requests_grant g ON g.id = k.grant_id JOIN audit_event e ON e.id = k.event_id
     WHERE (g.intent_id = i.id OR g.id IN (SELECT s.account_grant_id FROM requests_subgrantintent h
         JOIN requests_subgrant s ON s.id = h.subgrant_id WHERE h.intent_id = i.id))
       AND t.glue_created_at = i.recreated_as AND t.name = i.wanted ->> 'table' AND d.name = i.wanted ->> 'database'
       AND e.verb IN ('keep_recreated_table', 'keep_recreated_table_by_rule') AND e.subject = 'recreated_table:' || r.id
       AND e.data -> 'grants' @> to_jsonb(g.id))
  THEN NULL ELSE 'nobody decided that it is kept for the table that was created again' END
$$;

CREATE OR REPLACE FUNCTION requests_unjustified(ids bigint[]) RETURNS TABLE (intent bigint, reason text) LANGUAGE sql STABLE AS $$
SELECT f.id, f.reason FROM (
  SELECT i.id, coalesce(requests_recreated_fault(i), CASE
    WHEN i.kind = 'removal' THEN requests_order_fault(i)
    WHEN i.kind = 'registration' THEN catalog_registration_fault(i)
    WHEN i.kind = 'classification' THEN catalog_tag_change_fault(i)
    WHEN i.kind = 'write' THEN requests_write_fault(i)
    WHEN i.kind <> 'grant' THEN 'nothing is ever written for such a kind'
    WHEN EXISTS (SELECT FROM requests_subgrantintent h WHERE h.intent_id = i.id) THEN requests_subgrant_fault(i)
    ELSE requests_grant_fault(i)
  END) AS reason
  FROM fulfilment_intent i WHERE i.id = ANY (ids)) f
 WHERE f.reason IS NOT NULL
$$;

-- Checked at commit, as an intent may be written before the row that keeps its grant.

CREATE FUNCTION requests_demand_recreated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE why text;
BEGIN
  SELECT CASE WHEN TG_OP = 'INSERT' THEN 'it begins with a table that only comes later' ELSE requests_recreated_fault(i) END
    INTO why FROM fulfilment_intent i WHERE i.id = NEW.id;
  IF why IS NOT NULL THEN
    RAISE EXCEPTION 'intent % is bound to another table: %', NEW.id, why
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_bound_by_a_kept_grant';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_bound_by_a_kept_grant AFTER INSERT OR UPDATE OF recreated_as ON fulfilment_intent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.recreated_as <> '') EXECUTE FUNCTION requests_demand_recreated();
