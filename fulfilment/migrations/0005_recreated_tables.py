"""Intents on a table that was created again."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("fulfilment", "0004_row_policy")]

    operations = [
        migrations.AddField(
            model_name="intent",
            name="recreated_as",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="CreateTime of the table that took the place of the approved one, since its grant was kept",
                max_length=40,
            ),
        ),
        migrations.RunSQL((SQL / "recreated_tables_0005.sql").read_text()),
    ]
