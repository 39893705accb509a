from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0005_vectors_out_of_line")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="table",
            name="classes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("public", "public"), ("private", "private"), ("sensitive", "sensitive")],
                    max_length=10,
                ),
                default=list,
                help_text="each classification of the table or a column of it, once: for the search, which reads no columns",
                size=None,
            ),
        ),
        migrations.RunSQL(
            """UPDATE catalog_table AS t SET classes = found.classes FROM (
              SELECT table_id, array_agg(DISTINCT said ORDER BY said) AS classes FROM (
                SELECT id AS table_id, classification AS said FROM catalog_table
                UNION ALL SELECT table_id, classification FROM catalog_column) AS one
              WHERE said <> '' GROUP BY table_id) AS found WHERE found.table_id = t.id""",
            migrations.RunSQL.noop,
        ),
    ]
