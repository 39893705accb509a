"""What accounts pass on of their envelopes. The database holds whose, how much, and by whom."""

from django.db import migrations

BOUNDED = """
CREATE FUNCTION requests_bound_local_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM requests_grant g
      JOIN identity_principal p ON p.id = g.principal_id AND p.arn = p.unique_id
      JOIN identity_localgroup l ON l.id = NEW.group_id AND l.account_id = p.account_id AND l.ended_at IS NULL
      JOIN fulfilment_intent i ON i.id = g.intent_id AND i.ended_at IS NULL
     WHERE g.id = NEW.envelope_id AND g.state = 'live'
       AND (i.wanted->'columns' ? 'except' OR to_jsonb(NEW.columns) <@ (i.wanted->'columns'->'include'))) THEN
    RAISE EXCEPTION 'local grant % does not lie within a live envelope of its account', NEW.id;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM identity_localgroup l
      JOIN identity_account a ON a.id = l.account_id
      JOIN identity_membership m ON m.team_id = a.team_id AND m.role = 'account_admin'
     WHERE l.id = NEW.group_id AND m.person_id = NEW.given_by_id) THEN
    RAISE EXCEPTION 'local grant % was not given by an admin of its account', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_local_grant_bounded BEFORE INSERT ON requests_localgrant
  FOR EACH ROW EXECUTE FUNCTION requests_bound_local_grant();
CREATE FUNCTION requests_keep_local_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL OR (NEW.group_id, NEW.envelope_id, NEW.columns, NEW.given_by_id, NEW.given_at, NEW.event_id)
      IS DISTINCT FROM (OLD.group_id, OLD.envelope_id, OLD.columns, OLD.given_by_id, OLD.given_at, OLD.event_id) THEN
    RAISE EXCEPTION 'local grant % is ended once and otherwise never changed', OLD.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_local_grant_kept BEFORE UPDATE ON requests_localgrant
  FOR EACH ROW EXECUTE FUNCTION requests_keep_local_grant();
"""

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_localgrant, requests_localhold FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE DELETE ON requests_localgrant FROM meshmarket_web;
    REVOKE UPDATE, DELETE ON requests_localhold FROM meshmarket_web;
  END IF;
END $$;
"""

UNBOUNDED = "DROP FUNCTION requests_bound_local_grant() CASCADE; DROP FUNCTION requests_keep_local_grant() CASCADE"


class Migration(migrations.Migration):
    dependencies = [('requests', '0003_less_changes_and_remarks'), ('audit', '0002_database_roles'), ('fulfilment', '0004_ledger'), ('identity', '0002_local_groups')]
    operations = [
        migrations.RunSQL(BOUNDED, UNBOUNDED),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
