"""Service tokens end when who created them leaves the team."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("identity", "0005_role_rows")]

    operations = [
        migrations.AddField(
            "servicetoken",
            "creator_left_at",
            models.DateTimeField(
                blank=True, help_text="when who created it was found to have left the team", null=True
            ),
        )
    ]
