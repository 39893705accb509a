"""Queries as a grant's role: people ask for them, the workers make them."""

from django.db import migrations

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON fulfilment_rolequery FROM meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_rolequery FROM meshmarket_worker;
    GRANT UPDATE (allowed_execution, refused_execution, finished_at, outcome, text)
      ON fulfilment_rolequery TO meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0007_calls_counted')]
    operations = [
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
