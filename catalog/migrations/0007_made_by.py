"""Who made a table is mirrored."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_trails'),
    ]

    operations = [
        migrations.AddField(
            model_name='table',
            name='made_by',
            field=models.CharField(blank=True, help_text="Glue's CreatedBy: who holds everything on it without a permission", max_length=2048),
        ),
    ]
