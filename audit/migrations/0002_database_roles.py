"""The four database roles, `meshmarket_now()`, and what makes audit rows unchangeable."""

from django.db import migrations

ROLES = """
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['meshmarket_web', 'meshmarket_worker'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', named);
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', named);
      EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', named);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', named);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO %I', named);
      EXECUTE format('REVOKE UPDATE, DELETE ON audit_event, audit_seal, audit_pending, audit_clock FROM %I', named);
      EXECUTE format('REVOKE INSERT ON audit_seal, audit_clock FROM %I', named);
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_sealer') THEN
    GRANT USAGE ON SCHEMA public TO meshmarket_sealer;
    GRANT SELECT ON audit_event, audit_clock TO meshmarket_sealer;
    GRANT SELECT, INSERT ON audit_seal TO meshmarket_sealer;
    GRANT SELECT, DELETE ON audit_pending TO meshmarket_sealer;
  END IF;
END $$;
"""

NOW = """
CREATE FUNCTION meshmarket_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT clock_timestamp() + coalesce((SELECT "offset" FROM audit_clock WHERE id = 1), interval '0') $$;
"""

APPEND_ONLY = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit rows are never changed (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'raise_exception';
END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [('audit', '0001_initial')]
    operations = [
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(NOW, "DROP FUNCTION meshmarket_now()"),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION audit_refuse_change() CASCADE"),
    ]
