"""Policies in versions; decisions in roles; the database demands every role that an item's verdict names."""

from django.db import migrations

GLOBAL_TIGHTENS = """
ALTER TABLE requests_policyversion ADD CONSTRAINT policy_global_never_automatic
  CHECK (domain_id IS NOT NULL OR NOT rules @? '$[*].then.automatic');
"""

DECIDER = """
CREATE FUNCTION requests_demand_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked record; holds boolean;
BEGIN
  SELECT r.team_id, a.team_id AS account_team, coalesce(d.domain_id, p.domain_id) AS domain INTO asked
    FROM requests_item i JOIN requests_accessrequest r ON r.id = i.request_id
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
  IF NEW.role <> 'lead' AND EXISTS (SELECT FROM identity_membership m
      WHERE m.person_id IN (NEW.decided_by_id, NEW.on_behalf_of_id) AND m.team_id IN (asked.team_id, asked.account_team)) THEN
    RAISE EXCEPTION 'person % belongs to the team that asks for item %', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_outside_the_asking_team';
  END IF;
  IF NEW.by_rule_id IS NOT NULL AND NOT EXISTS (SELECT FROM requests_policyversion v WHERE v.id = NEW.by_rule_id
      AND v.state = 'in_force' AND v.domain_id = asked.domain AND v.in_force_by_id = NEW.decided_by_id
      AND v.rules @? '$[*].then.automatic') THEN
    RAISE EXCEPTION 'no rule in force says yes to item % for person %', NEW.item_id, NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_rule_in_force';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_role AFTER INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_demand_role();
"""

QUORUM = """
CREATE OR REPLACE FUNCTION requests_demand_quorum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE need record; found integer;
BEGIN
  FOR need IN SELECT demanded.role, max(demanded.quorum) AS quorum
      FROM requests_item i, jsonb_to_recordset(coalesce(i.verdict -> 'needs', '[]'::jsonb)
        || '[{"role": "owner", "quorum": 1}]'::jsonb) AS demanded (role text, quorum integer)
     WHERE i.id = NEW.item_id GROUP BY demanded.role LOOP
    SELECT count(DISTINCT coalesce(d.on_behalf_of_id, d.decided_by_id)) INTO found FROM requests_decision d
     WHERE d.item_id = NEW.item_id AND d.answer = 'approve' AND d.role = need.role
       AND d.effects_hash = NEW.effects_hash AND d.decided_by_id <> d.requester_id
       AND (d.ends_at IS NULL OR d.ends_at >= NEW.ends_at);
    IF found < need.quorum THEN
      RAISE EXCEPTION 'grant % has no approval of another person for its effects: % of % as %',
        NEW.id, found, need.quorum, need.role;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
"""

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_policyversion FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_policyversion FROM meshmarket_web;
    GRANT UPDATE (state, in_force_by_id, in_force_at, retired_by_id, retired_at) ON requests_policyversion
      TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0011_break_glass'), ('audit', '0002_database_roles'), ('catalog', '0001_initial')]
    operations = [
        migrations.RunSQL(
            GLOBAL_TIGHTENS,
            "ALTER TABLE requests_policyversion DROP CONSTRAINT policy_global_never_automatic",
        ),
        migrations.RunSQL(DECIDER, "DROP FUNCTION requests_demand_role() CASCADE"),
        migrations.RunSQL(QUORUM, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
