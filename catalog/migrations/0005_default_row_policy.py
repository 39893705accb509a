"""The default row-level security policy of a table, as Glue tells it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("catalog", "0004_tables_of_no_domain")]

    operations = [
        migrations.AddField(
            model_name="table",
            name="default_row_policy",
            field=models.CharField(blank=True, db_default="", help_text="Glue's DefaultRLSPolicy, a row-level security policy.", max_length=255),
        ),
    ]
