-- Who finds what. A product has an audience: 1 for everyone in the organisation, 2 for people from outside as well, and
-- otherwise a number of its own. A person finds the documents whose visibility is one of `catalog_audience`.

-- Tables that a role or account of the person's teams holds under a live intent.
CREATE FUNCTION catalog_held_tables(person_id bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE ROWS 20 AS $$
BEGIN
  RETURN QUERY SELECT DISTINCT t.id FROM identity_membership m
    JOIN identity_account holder ON holder.team_id = m.team_id
    JOIN identity_principal r ON r.account_id = holder.id AND r.gone_at IS NULL
    JOIN fulfilment_justification j ON j.principal_arn = r.arn COLLATE "C"
    JOIN fulfilment_intent i ON i.id = j.intent_id AND i.ended_at IS NULL
      AND (i.expires_at IS NULL OR i.expires_at > meshmarket_now())
    JOIN identity_account a ON a.account_id = j.account_id
    JOIN identity_connectedcatalog k ON k.account_id = a.id AND k.region = j.region
    JOIN catalog_database b ON b.catalog_id = k.id AND b.name = j.database COLLATE "default"
    JOIN catalog_table t ON t.database_id = b.id AND t.tombstoned_at IS NULL
      AND (j."table" = '*' OR t.name = j."table" COLLATE "default")
   WHERE m.person_id = catalog_held_tables.person_id;
END $$;

-- Without a person: what everyone inside may find. Nothing for somebody who is deactivated or does not exist.
CREATE FUNCTION catalog_audience(person_id bigint) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  found bigint[];
  reads_all boolean;
BEGIN
  IF person_id IS NULL THEN RETURN '{1,2}'; END IF;
  SELECT CASE WHEN p.is_external THEN '{2}' ELSE '{1,2}' END::bigint[], NOT p.is_external AND EXISTS (
      SELECT FROM identity_platformrole held WHERE held.person_id = p.id AND held.role IN ('governance_admin', 'auditor'))
    INTO found, reads_all FROM identity_person p WHERE p.id = catalog_audience.person_id AND p.is_active;
  IF found IS NULL THEN RETURN '{}'; END IF;
  IF NOT EXISTS (SELECT FROM catalog_dataproduct WHERE seen_by NOT IN ('everyone', 'organisation')) THEN RETURN found; END IF;
  RETURN found || ARRAY(
    WITH teams AS MATERIALIZED (
      SELECT DISTINCT m.team_id FROM identity_membership m WHERE m.person_id = catalog_audience.person_id
    ), held AS MATERIALIZED (
      SELECT l.product_id FROM catalog_held_tables(catalog_audience.person_id) AS mine(id)
      JOIN catalog_producttable l ON l.table_id = mine.id
    )
    SELECT p.audience FROM catalog_dataproduct p JOIN catalog_domain d ON d.id = p.domain_id
    WHERE p.seen_by NOT IN ('everyone', 'organisation') AND (reads_all
      OR p.owner_id = catalog_audience.person_id OR d.owner_team_id IN (TABLE teams)
      OR p.id IN (TABLE held)
      OR p.seen_by = 'line' AND d.line_of_business <> '' AND found @> '{1}' AND EXISTS (
        SELECT FROM catalog_domain other WHERE other.line_of_business = d.line_of_business
          AND other.owner_team_id IN (TABLE teams))
      OR p.seen_by = 'teams' AND EXISTS (
        SELECT FROM catalog_discoveryteam named WHERE named.product_id = p.id AND named.team_id IN (TABLE teams)))
    ORDER BY 1);
END $$;

CREATE TRIGGER catalog_altered_insert AFTER INSERT ON catalog_discoveryteam REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();
CREATE TRIGGER catalog_altered_update AFTER UPDATE ON catalog_discoveryteam REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();
CREATE TRIGGER catalog_altered_delete AFTER DELETE ON catalog_discoveryteam REFERENCING OLD TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();
