-- Guards that whoever took part in a recent change of roles takes no part in decisions that rest on it.

-- Of a request, saved or not: who asks, for which team, for whom, for what; who decides, and as owner, lead,
-- steward or privacy officer. The answer is the row of `identity_rolechange` that bars, or null. `party` are
-- the decider, the requester, who answers for the role that would read, and whoever can sign in as one of
-- these because they set the password.

CREATE FUNCTION requests_barred(requester bigint, asking_team bigint, reader bigint, asked_table bigint,
  asked_product bigint, decider bigint, decides_as text) RETURNS bigint LANGUAGE sql STABLE AS $$
WITH RECURSIVE asked AS (
  SELECT p.owner_id AS answers, p.account_id AS account, a.team_id AS account_team, t.database_id AS database,
         b.domain_id AS own_domain, coalesce(b.domain_id, d.domain_id) AS domain
    FROM identity_principal p
    JOIN identity_account a ON a.id = p.account_id
    JOIN catalog_table t ON t.id = asked_table
    JOIN catalog_database b ON b.id = t.database_id
    LEFT JOIN catalog_dataproduct d ON d.id = asked_product
   WHERE p.id = reader
), bars AS (
  SELECT c.* FROM identity_rolechange c WHERE c.bars_until > meshmarket_now()
), party (id) AS (
  SELECT unnest(ARRAY[decider, requester, asked.answers]) FROM asked
  UNION
  SELECT bars.proposed_by_id FROM bars JOIN party ON party.id = bars.person_id WHERE bars.kind = 'password'
)
SELECT bars.id FROM asked CROSS JOIN bars LEFT JOIN catalog_domain owned ON owned.id = asked.domain
 WHERE (bars.kind = 'password' AND bars.person_id = decider)
    OR (bars.kind IN ('password', 'membership') AND bars.person_id IN (requester, asked.answers)
        AND (bars.kind = 'password' OR bars.team_id IN (asking_team, asked.account_team))
        AND decider IN (bars.proposed_by_id, bars.decided_by_id))
    OR ((bars.proposed_by_id IN (SELECT id FROM party) OR bars.decided_by_id IN (SELECT id FROM party)) AND (
       (bars.kind = 'membership' AND bars.person_id = decider
        AND bars.team_id = CASE decides_as WHEN 'owner' THEN owned.owner_team_id WHEN 'lead' THEN asking_team END)
    OR (bars.kind = 'platform_role' AND bars.person_id = decider AND bars.role = decides_as)
    OR (bars.kind = 'domain' AND decides_as = 'owner' AND bars.row_id = asked.domain)
    OR (bars.kind = 'database' AND decides_as = 'owner' AND bars.row_id = asked.database)
    OR (bars.kind = 'product' AND decides_as = 'owner' AND bars.row_id = asked_product AND asked.own_domain IS NULL)
    OR (bars.kind = 'account' AND bars.row_id = asked.account)))
 ORDER BY bars.bars_until DESC LIMIT 1
$$;

CREATE FUNCTION requests_demand_unbarred() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.answer = 'approve' AND EXISTS (
      SELECT FROM requests_requestitem i JOIN requests_accessrequest r ON r.id = i.request_id
       CROSS JOIN unnest(ARRAY[NEW.decided_by_id, NEW.on_behalf_of_id]) AS decides (id)
       WHERE i.id = NEW.item_id AND decides.id IS NOT NULL AND requests_barred(
         i.requester_id, r.team_id, r.principal_id, i.table_id, i.product_id, decides.id, NEW.role) IS NOT NULL) THEN
    RAISE EXCEPTION 'decision on item % rests on a change of roles that bars person %', NEW.item_id, NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_unbarred';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_unbarred AFTER INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_demand_unbarred();
