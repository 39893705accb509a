"""What a reading of a scope shows beside permissions: the engine writes it, and nobody else."""

import django.db.models.deletion
from django.db import migrations, models

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_scopereading FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0007_permissions_by_tags")]

    operations = [
        migrations.CreateModel(
            name="ScopeReading",
            fields=[
                (
                    "scope",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reading",
                        serialize=False,
                        to="fulfilment.scope",
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("read_at", models.DateTimeField()),
                ("facts", models.JSONField()),
            ],
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
