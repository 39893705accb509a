"""No role of the portal itself is asked for, given, or named in a standing consent."""

from django.db import migrations

REFUSED = """
CREATE FUNCTION requests_refuse_portal_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM identity_principal p WHERE p.id = NEW.principal_id AND p.is_portal) THEN
    RAISE EXCEPTION 'principal % is a role of the portal itself, and no reader', NEW.principal_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'portal_role_is_no_reader';
  END IF;
  RETURN NEW;
END $$;
"""
TABLES = ("requests_accessrequest", "requests_grant", "requests_standingconsent")
ON_TABLES = "".join(
    f"CREATE TRIGGER requests_no_portal_reader BEFORE INSERT OR UPDATE OF principal_id ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION requests_refuse_portal_role();\n"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("requests", "0024_intents_have_owners"), ("identity", "0009_portal_roles")]
    operations = [
        migrations.RunSQL(REFUSED + ON_TABLES, "DROP FUNCTION requests_refuse_portal_role() CASCADE"),
    ]
