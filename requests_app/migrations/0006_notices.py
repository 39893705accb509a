"""Notices of events to people, what people chose of them, and the letters by which they go out."""

from django.db import migrations

KEPT = """
-- What was sealed before this migration is history, and tells nobody.
INSERT INTO requests_toldupto (id, seq) SELECT 1, coalesce(max(seq), 0) FROM audit_seal;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE UPDATE, DELETE ON requests_notice FROM meshmarket_worker;
    GRANT UPDATE (letter_id) ON requests_notice TO meshmarket_worker;
    REVOKE INSERT, UPDATE, DELETE ON requests_noticechoice FROM meshmarket_worker;
    REVOKE DELETE ON requests_letter, requests_toldupto FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_notice, requests_letter, requests_toldupto FROM meshmarket_web;
    GRANT UPDATE (read_at) ON requests_notice TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0005_bulk_decisions'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
