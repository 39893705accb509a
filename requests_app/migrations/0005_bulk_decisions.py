"""Decisions on several items at once, due after a while."""

from django.db import migrations

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_bulkdecision, requests_bulkitem FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_bulkdecision, requests_bulkitem FROM meshmarket_web;
    GRANT UPDATE (taken_until, done_at, undone_at) ON requests_bulkdecision TO meshmarket_web;
    GRANT UPDATE (outcome, words) ON requests_bulkitem TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0004_passing_on'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
