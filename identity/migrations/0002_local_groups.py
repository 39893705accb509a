"""Local groups of accounts, and who is in them. The web writes them; the workers only read."""

from django.db import migrations

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON identity_localgroup, identity_localmember FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE DELETE ON identity_localgroup, identity_localmember FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('identity', '0001_initial'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
