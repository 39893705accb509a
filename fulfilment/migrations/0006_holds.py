"""Holds: the engine opens them, people and the clerk end those on columns; a column let in is the web's to write."""

from django.db import migrations

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_hold FROM meshmarket_web;
    GRANT UPDATE (ended_at, ended_as, ended_by_id, reason) ON fulfilment_hold TO meshmarket_web;
    GRANT UPDATE (opened) ON fulfilment_intent TO meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE DELETE ON fulfilment_hold FROM meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0005_scope_readings'), ('identity', '0002_local_groups')]
    operations = [
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
