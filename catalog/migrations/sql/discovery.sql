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

-- Indexes hold what somebody may find; who may is read from the visibility in them.
DROP INDEX catalog_document_of_products, catalog_document_sample, catalog_document_by_name, catalog_document_by_age,
  catalog_document_by_use;
CREATE INDEX catalog_document_of_products ON catalog_document USING gin (search) WHERE visibility > 0 AND id < 0;
CREATE INDEX catalog_document_sample ON catalog_document USING gin (search)
  WHERE visibility > 0 AND id > 0 AND hashint8(id) & 15 = 0;
CREATE INDEX catalog_document_by_name ON catalog_document ((id > 0), name, id, visibility) WHERE visibility > 0;
CREATE INDEX catalog_document_by_age ON catalog_document (fresh DESC, (id > 0), name, id, visibility) WHERE visibility > 0;
CREATE INDEX catalog_document_by_use ON catalog_document (teams DESC, (id > 0), name, id, visibility) WHERE visibility > 0;

CREATE TRIGGER catalog_altered_insert AFTER INSERT ON catalog_discoveryteam REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();
CREATE TRIGGER catalog_altered_update AFTER UPDATE ON catalog_discoveryteam REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();
CREATE TRIGGER catalog_altered_delete AFTER DELETE ON catalog_discoveryteam REFERENCING OLD TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();

-- As in `documents.sql`, with a product's audience as its visibility.
DROP VIEW catalog_document_source;
CREATE VIEW catalog_document_source AS
SELECT t.id, (t.tombstoned_at IS NULL
    AND NOT EXISTS (SELECT FROM catalog_producttable l WHERE l.table_id = t.id))::int::bigint AS visibility,
  CASE WHEN t.view <> '{}' OR t.kind ILIKE '%view%' THEN 'view' ELSE 'table' END::varchar(8) AS kind,
  lower(t.name)::varchar(255) AS name, b.domain_id AS domain, k.account_id AS account,
  nullif(t.tags ->> 'tier', '')::varchar(256) AS tier, ARRAY[k.region]::varchar(30)[] AS region,
  array_remove(ARRAY[t.data_format], '')::varchar(40)[] AS format, ARRAY(
    SELECT tag.key || '=' || tag.value FROM jsonb_each_text(t.tags) AS tag
    ORDER BY (tag.key || '=' || tag.value) COLLATE "C") AS tag,
  t.classes::varchar(10)[] AS classification,
  coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at)::varchar(40) AS fresh, false AS is_empty
FROM catalog_table t
JOIN catalog_database b ON b.id = t.database_id
JOIN identity_connectedcatalog k ON k.id = b.catalog_id
UNION ALL
SELECT -p.id, CASE WHEN p.is_published THEN p.audience ELSE 0 END, 'product', lower(p.name), p.domain_id, NULL, p.tier,
  made.region, made.format,
  ARRAY(SELECT DISTINCT tag.key || '=' || tag.value FROM catalog_producttable l
    JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
    CROSS JOIN LATERAL jsonb_each_text(t.tags) AS tag WHERE l.product_id = p.id ORDER BY 1),
  ARRAY(SELECT DISTINCT class FROM catalog_producttable l
    JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
    CROSS JOIN LATERAL unnest(t.classes) AS class WHERE l.product_id = p.id ORDER BY class),
  made.fresh, made.tables = 0
FROM catalog_dataproduct p CROSS JOIN LATERAL (
  SELECT count(*) AS tables,
    coalesce(max(coalesce(nullif(t.glue_updated_at, ''), t.glue_created_at)::text COLLATE "C"), '') AS fresh,
    coalesce(array_agg(DISTINCT k.region), '{}') AS region,
    coalesce(array_agg(DISTINCT t.data_format) FILTER (WHERE t.data_format <> ''), '{}') AS format
  FROM catalog_producttable l
  JOIN catalog_table t ON t.id = l.table_id AND t.tombstoned_at IS NULL
  JOIN catalog_database b ON b.id = t.database_id
  JOIN identity_connectedcatalog k ON k.id = b.catalog_id
  WHERE l.product_id = p.id) AS made;
