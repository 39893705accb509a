"""Break-glass: standing consents, what was taken under them, and the decisions that they say."""

from django.db import migrations

CONSENTED = """
CREATE FUNCTION requests_demand_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM requests_standingconsent c
      JOIN requests_breakglass b ON b.consent_id = c.id
      JOIN requests_accessrequest r ON r.id = b.request_id
      JOIN requests_item i ON i.request_id = r.id
      JOIN requests_consenttable t ON t.consent_id = c.id AND t.table_id = i.table_id
     WHERE c.id = NEW.by_consent_id AND i.id = NEW.item_id AND i.tags = '{}'
       AND NOT i.whole_database AND (t.columns = '{}' OR (NOT i.whole_table AND i.columns <@ t.columns))
       AND c.given_by_id = NEW.decided_by_id AND c.taker_id = NEW.requester_id AND b.taken_by_id = c.taker_id
       AND b.confirmed_by_id = c.second_id AND b.state = 'confirmed' AND r.principal_id = c.principal_id
       AND c.withdrawn_at IS NULL AND c.until > NEW.decided_at
       AND i.ends_at <= b.taken_at + c.hours * interval '1 hour') THEN
    RAISE EXCEPTION 'no standing consent with both names covers item %', NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_consent_in_force';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_consent AFTER INSERT ON requests_decision
  FOR EACH ROW WHEN (NEW.by_consent_id IS NOT NULL) EXECUTE FUNCTION requests_demand_consent();
"""

GIVEN = """
CREATE FUNCTION requests_demand_giver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
      WHERE d.id = NEW.domain_id AND m.person_id = NEW.given_by_id AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'person % does not answer for domain %', NEW.given_by_id, NEW.domain_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'consent_given_by_an_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_consent_giver AFTER INSERT ON requests_standingconsent
  FOR EACH ROW EXECUTE FUNCTION requests_demand_giver();
"""

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_standingconsent, requests_consenttable, requests_breakglass
      FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_standingconsent, requests_consenttable, requests_breakglass
      FROM meshmarket_web;
    GRANT UPDATE (withdrawn_at, withdrawn_by_id) ON requests_standingconsent TO meshmarket_web;
    GRANT UPDATE (state, confirmed_by_id, confirmed_at, reviewed_by_id, reviewed_at, review)
      ON requests_breakglass TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0010_webhooks'), ('audit', '0002_database_roles'), ('catalog', '0002_offers'), ('identity', '0002_local_groups')]
    operations = [
        migrations.RunSQL(CONSENTED, "DROP FUNCTION requests_demand_consent() CASCADE"),
        migrations.RunSQL(GIVEN, "DROP FUNCTION requests_demand_giver() CASCADE"),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
