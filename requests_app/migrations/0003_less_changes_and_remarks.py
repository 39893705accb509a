"""Less than was asked, changes of an ask, and words on it. Each item has an end of its own."""

from django.db import migrations

ENDS = "UPDATE requests_item i SET ends_at = r.ends_at FROM requests_accessrequest r WHERE r.id = i.request_id"

KEPT = """
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['meshmarket_web', 'meshmarket_worker'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      EXECUTE format('REVOKE UPDATE, DELETE ON requests_change, requests_remark FROM %I', named);
    END IF;
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0002_separation'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(ENDS, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
