"""The ledger: differences found in AWS, and removals that a person ordered. The engine writes the first, people the second."""

from django.db import migrations

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_finding FROM meshmarket_web;
    GRANT UPDATE (known_at, known_by_id, known_reason) ON fulfilment_finding TO meshmarket_web;
    REVOKE UPDATE, DELETE ON fulfilment_removal FROM meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE DELETE ON fulfilment_finding FROM meshmarket_worker;
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_removal FROM meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0003_rows_and_cells'), ('audit', '0002_database_roles'), ('identity', '0001_initial')]
    operations = [
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
