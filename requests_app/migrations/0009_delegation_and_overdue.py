"""Decisions passed on for a while, and what was done because an ask waited too long."""

from django.db import migrations

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_delegation FROM meshmarket_worker;
    REVOKE UPDATE, DELETE ON requests_overdue FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_overdue FROM meshmarket_web;
    REVOKE UPDATE, DELETE ON requests_delegation FROM meshmarket_web;
    GRANT UPDATE (ended_at) ON requests_delegation TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0008_under_offers'), ('audit', '0002_database_roles'), ('identity', '0002_local_groups')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
