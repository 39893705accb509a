"""Recertification: campaigns and their lines. The web answers and settles; nobody deletes."""

from django.db import migrations

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_campaign, requests_campaignline FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_campaign, requests_campaignline FROM meshmarket_web;
    GRANT UPDATE (state, closed_at, closing_event_id) ON requests_campaign TO meshmarket_web;
    GRANT UPDATE (state, answered_by_id, answered_at, reason, until, event_id) ON requests_campaignline
      TO meshmarket_web;
  END IF;
END $$;
"""

NEVER_LATER = """
CREATE FUNCTION requests_refuse_later_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'grant % would end later than was agreed to', OLD.id;
END $$;
CREATE TRIGGER requests_grant_never_later BEFORE UPDATE OF ends_at ON requests_grant
  FOR EACH ROW WHEN (NEW.ends_at > OLD.ends_at) EXECUTE FUNCTION requests_refuse_later_end();
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0006_notices'), ('audit', '0002_database_roles'), ('catalog', '0001_initial'), ('identity', '0002_local_groups')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(NEVER_LATER, "DROP FUNCTION requests_refuse_later_end() CASCADE"),
    ]
