"""Registrations keep how the files of their source are read; like all that was asked for, it never changes."""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION catalog_guard_registration_storage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'registration % stays as it is', OLD.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'registration_moves_forward';
END $$;
CREATE TRIGGER catalog_registration_storage BEFORE UPDATE ON catalog_registration
  FOR EACH ROW WHEN (OLD.storage IS DISTINCT FROM NEW.storage) EXECUTE FUNCTION catalog_guard_registration_storage();
"""
UNDO = """
DROP TRIGGER catalog_registration_storage ON catalog_registration;
DROP FUNCTION catalog_guard_registration_storage();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_requests_of_people")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="storage",
            field=models.JSONField(default=dict, help_text="how the files of the source are read"),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
