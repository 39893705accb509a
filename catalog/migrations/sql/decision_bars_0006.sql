-- Guards that recent changes of roles bar from decisions of the catalog; see `decision_bars_0004.sql` of identity.

-- A data owner's decision for a domain. Members of `party_team` act through it.

CREATE FUNCTION decision_owner_basis(deed text, decider bigint, domain bigint, parties bigint[], party_teams bigint[],
  rests_on jsonb) RETURNS decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW(deed, decider, 'owner', (SELECT d.owner_team_id FROM catalog_domain d WHERE d.id = domain), NULL,
  parties, party_teams, rests_on || jsonb_build_object('domain', jsonb_build_array(domain)))::decision_basis
$$;

-- A decision of who answers for a product: its owner, or a data owner of its domain.

CREATE FUNCTION decision_product_bases(deed text, decider bigint, product bigint, parties bigint[])
RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW(deed, decider, 'named', NULL, p.owner_id, parties, '{}',
           jsonb_build_object('product', jsonb_build_array(p.id)))::decision_basis
  FROM catalog_dataproduct p WHERE p.id = product
UNION ALL
SELECT decision_owner_basis(deed, decider, p.domain_id, parties, '{}',
                            jsonb_build_object('product', jsonb_build_array(p.id)))
  FROM catalog_dataproduct p WHERE p.id = product
$$;

-- A decision of stewards, governance admins, or the data owners of a domain.

CREATE FUNCTION decision_curator_bases(deed text, decider bigint, domain bigint, parties bigint[])
RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_role_basis(deed, decider, role, parties) FROM unnest(ARRAY['steward', 'governance_admin']) role
UNION ALL
SELECT decision_owner_basis(deed, decider, domain, parties, '{}', '{}') WHERE domain IS NOT NULL
$$;

CREATE FUNCTION decision_bases(asked catalog_registration) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_role_basis('exception_by', asked.exception_by_id, 'governance_admin', ARRAY[asked.requested_by_id])
UNION ALL
SELECT decision_owner_basis('decided_by', asked.decided_by_id, asked.domain_id, ARRAY[asked.requested_by_id],
         ARRAY[d.owner_team_id], jsonb_build_object('account', jsonb_build_array(asked.producer_id)))
  FROM catalog_domain d WHERE d.id = asked.domain_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_registration
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_schemaupdate) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_owner_basis('decided_by', asked.decided_by_id, r.domain_id, '{}', '{}',
                            jsonb_build_object('account', jsonb_build_array(r.producer_id)))
  FROM catalog_registration r WHERE r.id = asked.registration_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_schemaupdate
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_derivationrequest) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_owner_basis('decided_by', asked.decided_by_id, asked.domain_id,
         ARRAY[asked.requested_by_id, p.owner_id], ARRAY[d.owner_team_id], '{}')
  FROM catalog_dataproduct p JOIN catalog_domain d ON d.id = p.domain_id WHERE p.id = asked.product_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_derivationrequest
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

-- A term that moves to another domain is decided on for both.

CREATE FUNCTION decision_bases(asked catalog_termproposal) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT b.* FROM (VALUES
  ('decided_by', CASE asked.before WHEN '{}' THEN asked.content ELSE asked.before END, true),
  ('moved_by', asked.content, asked.before <> '{}' AND asked.state IN ('waiting', 'approved')
                              AND asked.before -> 'domain' IS DISTINCT FROM asked.content -> 'domain')
) said (deed, content, is_asked), decision_curator_bases(said.deed, asked.decided_by_id,
  (said.content ->> 'domain')::bigint, ARRAY[asked.proposed_by_id]) b
 WHERE said.is_asked
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_termproposal
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

-- Rejected for any of the teams; approved for each by itself. A withdrawal is no decision.

CREATE FUNCTION decision_bases(asked catalog_tagchange) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW('closed_by', asked.closed_by_id, 'owner', team::bigint, NULL, ARRAY[asked.proposed_by_id],
           ARRAY[team::bigint], '{}')::decision_basis
  FROM jsonb_array_elements_text(asked.effects -> 'teams') team WHERE asked.state IN ('pending', 'rejected')
UNION ALL
SELECT decision_role_basis('closed_by', asked.closed_by_id, 'governance_admin', ARRAY[asked.proposed_by_id])
 WHERE asked.state IN ('pending', 'rejected')
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_tagchange
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_tagchangeapproval) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW('decided_by', asked.decided_by_id,
           CASE WHEN asked.team_id IS NULL THEN 'governance_admin' ELSE 'owner' END, asked.team_id, NULL,
           ARRAY[asked.proposed_by_id], array_remove(ARRAY[asked.team_id], NULL), '{}')::decision_basis
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_tagchangeapproval
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_finding) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT b.* FROM catalog_table t JOIN catalog_database d ON d.id = t.database_id,
  decision_curator_bases('closed_by', asked.closed_by_id, d.domain_id, '{}') b WHERE t.id = asked.table_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_finding
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_offerversion) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_owner_basis('published_by', asked.published_by_id, o.domain_id, '{}', '{}',
                            jsonb_build_object('product', jsonb_build_array(o.product_id)))
  FROM catalog_offer o WHERE o.id = asked.offer_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_offerversion
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_productrevision) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT b.* FROM decision_product_bases('published_by', asked.published_by_id, asked.product_id, '{}') b
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_productrevision
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_publicationrules) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_role_basis('in_force_by', asked.in_force_by_id, 'governance_admin', '{}')
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_publicationrules
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_ruleexception) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_role_basis('allowed_by', asked.allowed_by_id, 'governance_admin', ARRAY[p.owner_id])
  FROM catalog_dataproduct p WHERE p.id = asked.product_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_ruleexception
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked catalog_requestexception) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT b.* FROM catalog_deprecation d, decision_product_bases('allowed_by', asked.allowed_by_id, d.product_id,
                                                              array_remove(ARRAY[asked.person_id], NULL)) b
 WHERE d.id = asked.deprecation_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON catalog_requestexception
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();
