"""Lists show the columns that each person chose."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("identity", "0008_role_change_states")]

    operations = [
        migrations.AddField(
            "person",
            "hidden_columns",
            models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                editable=False,
                help_text="by list, the names of the columns that the person does not show",
            ),
        )
    ]
