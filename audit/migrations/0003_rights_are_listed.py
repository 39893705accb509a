"""No table gives rights by itself: `migrate` applies what `audit/database_rights.toml` lists. Events of this transaction."""

from django.db import migrations

NO_DEFAULTS = """
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['meshmarket_web', 'meshmarket_worker'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM %I', named);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM %I', named);
    END IF;
  END LOOP;
END $$;
"""

# A row that is visible while the transaction that wrote it is in progress was written by this one, or in one of its
# savepoints, which have ids of their own. `xmin` has 32 bits; the epoch comes from the transaction's own id.
IS_NEW = """
CREATE FUNCTION audit_is_new(event bigint) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT coalesce((SELECT pg_xact_status((
      ((pg_current_xact_id()::text::bigint >> 32) << 32) | e.xmin::text::bigint)::text::xid8) = 'in progress'
    FROM audit_event e WHERE e.id = event), false)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_database_roles")]
    operations = [
        migrations.RunSQL(NO_DEFAULTS, migrations.RunSQL.noop),
        migrations.RunSQL(IS_NEW, "DROP FUNCTION audit_is_new(bigint)"),
    ]
