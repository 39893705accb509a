"""Data cells filters, hybrid access mode and opt-ins, as seen in AWS; the engine alone writes them."""

from django.db import migrations

HALVES = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_observedfilter, fulfilment_observedoptin FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0002_halves_and_proof'), ('identity', '0001_initial')]
    operations = [
        migrations.RunSQL(HALVES, migrations.RunSQL.noop),
    ]
