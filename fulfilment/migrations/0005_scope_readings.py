"""What a reading of a scope shows beside permissions: the engine writes it, and nobody else."""

from django.db import migrations

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_scopereading FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0004_ledger')]
    operations = [
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
