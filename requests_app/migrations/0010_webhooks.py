"""Webhooks, and what was delivered to each of them."""

from django.db import migrations

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_webhook FROM meshmarket_worker;
    REVOKE DELETE ON requests_delivery FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_delivery FROM meshmarket_web;
    GRANT UPDATE (sent_at, gave_up_at, due_at, attempts, replays) ON requests_delivery TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0009_delegation_and_overdue'), ('audit', '0002_database_roles'), ('catalog', '0002_offers')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
