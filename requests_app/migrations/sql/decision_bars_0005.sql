-- Guards that recent changes of roles bar from every decision; see `decision_bars_0004.sql` of identity. `requests_barred`,
-- which pages ask about items that are not saved yet, answers from the same function.

-- Of a request, saved or not: who asks, for which team, for whom, for what; in which role somebody decides. For a
-- data owner it rests on the domain that answers for the table: the database's, else the product's.

CREATE FUNCTION decision_item_basis(deed text, decider bigint, decides_as text, requester bigint, asking_team bigint,
  reader bigint, asked_table bigint, asked_product bigint) RETURNS decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW(deed, decider, decides_as,
         CASE decides_as WHEN 'owner' THEN owned.owner_team_id WHEN 'lead' THEN asking_team END, NULL,
         array_remove(ARRAY[requester, p.owner_id], NULL), ARRAY[asking_team, a.team_id],
         jsonb_build_object('account', jsonb_build_array(a.id)) || CASE WHEN decides_as <> 'owner' THEN '{}'
           WHEN b.domain_id IS NULL THEN jsonb_build_object('database', jsonb_build_array(b.id),
             'domain', jsonb_build_array(owned.id), 'product', jsonb_build_array(asked_product))
           ELSE jsonb_build_object('database', jsonb_build_array(b.id), 'domain', jsonb_build_array(owned.id)) END
       )::decision_basis
  FROM identity_principal p
  JOIN identity_account a ON a.id = p.account_id
  JOIN catalog_table t ON t.id = asked_table
  JOIN catalog_database b ON b.id = t.database_id
  LEFT JOIN catalog_dataproduct d ON d.id = asked_product
  LEFT JOIN catalog_domain owned ON owned.id = coalesce(b.domain_id, d.domain_id)
 WHERE p.id = reader
$$;

CREATE OR REPLACE FUNCTION requests_barred(requester bigint, asking_team bigint, reader bigint, asked_table bigint,
  asked_product bigint, decider bigint, decides_as text) RETURNS bigint LANGUAGE sql STABLE AS $$
SELECT decision_bar(decider, decision_item_basis('decided_by', decider, decides_as, requester, asking_team, reader,
                                                 asked_table, asked_product))
$$;

DROP TRIGGER requests_decision_unbarred ON requests_decision;
DROP FUNCTION requests_demand_unbarred();

CREATE FUNCTION decision_saved_item_basis(deed text, decider bigint, decides_as text, item bigint)
RETURNS decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_item_basis(deed, decider, decides_as, i.requester_id, r.team_id, r.principal_id, i.table_id, i.product_id)
  FROM requests_requestitem i JOIN requests_accessrequest r ON r.id = i.request_id WHERE i.id = item
$$;

CREATE FUNCTION decision_bases(asked requests_decision) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_saved_item_basis(deed, decider, asked.role, asked.item_id)
  FROM (VALUES ('decided_by', asked.decided_by_id), ('on_behalf_of', asked.on_behalf_of_id)) made (deed, decider)
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

-- A column that is opened to a grant: by whoever could approve its item.

CREATE FUNCTION decision_bases(asked fulfilment_hold) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_saved_item_basis('ended_by', asked.ended_by_id, role, i.id)
  FROM requests_grant g JOIN requests_requestitem i ON i.id = g.item_id, unnest(i.needed_from) role
 WHERE asked.kind = 'column' AND g.intent_id = asked.intent_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON fulfilment_hold
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked requests_accessreviewitem) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_saved_item_basis('decided_by', asked.decided_by_id, 'owner', g.item_id)
  FROM requests_grant g WHERE g.id = asked.grant_id AND asked.state IN ('open', 'kept')
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_accessreviewitem
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked requests_recreatedtable) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_owner_basis('decided_by', asked.decided_by_id, d.domain_id, '{}', '{}',
         jsonb_build_object('database', jsonb_build_array(d.id)))
  FROM catalog_table t JOIN catalog_database d ON d.id = t.database_id
 WHERE t.id = asked.table_id AND asked.state IN ('open', 'kept')
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_recreatedtable
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked requests_writerequest) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_owner_basis('decided_by', asked.decided_by_id, asked.domain_id, ARRAY[asked.requested_by_id],
         ARRAY[d.owner_team_id, a.team_id], jsonb_build_object('account', jsonb_build_array(a.id),
           'database', jsonb_build_array(t.database_id)))
  FROM catalog_domain d, identity_principal p JOIN identity_account a ON a.id = p.account_id, catalog_table t
 WHERE d.id = asked.domain_id AND p.id = asked.principal_id AND t.id = asked.table_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_writerequest
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked requests_breakglassconsent) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_owner_basis('granted_by', asked.granted_by_id, asked.domain_id,
         ARRAY[asked.recipient_id, asked.confirmer_id], ARRAY[a.team_id],
         jsonb_build_object('account', jsonb_build_array(a.id)))
  FROM identity_principal p JOIN identity_account a ON a.id = p.account_id WHERE p.id = asked.principal_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_breakglassconsent
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

-- Confirmed by whom the consent names, who has to be in the team that reads; reviewed by a data owner.

CREATE FUNCTION decision_bases(asked requests_breakglasssession) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW('confirmed_by', asked.confirmed_by_id, 'named', a.team_id, c.confirmer_id, ARRAY[asked.started_by_id],
           ARRAY[a.team_id], jsonb_build_object('account', jsonb_build_array(a.id)))::decision_basis
  FROM requests_breakglassconsent c JOIN identity_principal p ON p.id = c.principal_id
  JOIN identity_account a ON a.id = p.account_id WHERE c.id = asked.consent_id
UNION ALL
SELECT decision_owner_basis('reviewed_by', asked.reviewed_by_id, c.domain_id,
         array_remove(ARRAY[asked.started_by_id, asked.confirmed_by_id], NULL), ARRAY[a.team_id],
         jsonb_build_object('account', jsonb_build_array(a.id)))
  FROM requests_breakglassconsent c JOIN identity_principal p ON p.id = c.principal_id
  JOIN identity_account a ON a.id = p.account_id WHERE c.id = asked.consent_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_breakglasssession
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

CREATE FUNCTION decision_bases(asked requests_policyversion) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT CASE WHEN asked.domain_id IS NULL
  THEN decision_role_basis('published_by', asked.published_by_id, 'governance_admin', '{}')
  ELSE decision_owner_basis('published_by', asked.published_by_id, asked.domain_id, '{}', '{}', '{}') END
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_policyversion
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();

-- What an account was granted, passed on inside of it by one of its admins.

CREATE FUNCTION decision_bases(asked requests_subgrant) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT ROW('granted_by', asked.granted_by_id, 'account_admin', a.team_id, NULL, '{}', '{}',
           jsonb_build_object('account', jsonb_build_array(a.id)))::decision_basis
  FROM identity_localgroup g JOIN identity_account a ON a.id = g.account_id WHERE g.id = asked.group_id
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON requests_subgrant
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();
