-- Which intents no decision justifies, and why: asked by the engine before it writes, and by a trigger at commit. Faults of
-- grants, subgrants and removals are in intents.sql, those of registrations and tag changes in the catalog's registrations.sql
-- and tag_changes.sql. A kind without a line here is never written.

CREATE FUNCTION requests_unjustified(ids bigint[]) RETURNS TABLE (intent bigint, reason text) LANGUAGE sql STABLE AS $$
SELECT f.id, f.reason FROM (
  SELECT i.id, CASE
    WHEN i.kind = 'removal' THEN requests_order_fault(i)
    WHEN i.kind = 'registration' THEN catalog_registration_fault(i)
    WHEN i.kind = 'classification' THEN catalog_tag_change_fault(i)
    WHEN i.kind = 'write' THEN requests_write_fault(i)
    WHEN i.kind <> 'grant' THEN 'nothing is ever written for such a kind'
    WHEN EXISTS (SELECT FROM requests_subgrantintent h WHERE h.intent_id = i.id) THEN requests_subgrant_fault(i)
    ELSE requests_grant_fault(i)
  END AS reason
  FROM fulfilment_intent i WHERE i.id = ANY (ids)) f
 WHERE f.reason IS NOT NULL
$$;
