"""Calls are counted, and readings timed: the engine writes both, and nobody else."""

from django.db import migrations

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_callcount FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0006_holds')]
    operations = [
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
