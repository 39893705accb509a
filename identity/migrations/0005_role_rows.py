"""The web gives and takes roles by confirmed role changes alone."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("identity", "0004_decision_bars"), ("audit", "0003_requests_of_people")]

    operations = [
        migrations.RunSQL(
            (SQL / "role_rows_0005.sql").read_text(),
            state_operations=[
                migrations.AlterField(
                    model_name="person",
                    name="is_staff",
                    field=models.BooleanField(
                        db_default=False, default=False, help_text="can open the administration pages"
                    ),
                ),
                migrations.AlterField(
                    model_name="person",
                    name="is_superuser",
                    field=models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
            ],
        ),
        migrations.RunSQL((SQL / "web_events_0005.sql").read_text()),
    ]
