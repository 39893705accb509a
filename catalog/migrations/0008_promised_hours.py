"""Within how many hours the owners of a domain promise to decide."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_offers'),
    ]

    operations = [
        migrations.AddField(
            model_name='domain',
            name='decide_within_hours',
            field=models.PositiveSmallIntegerField(blank=True, help_text='by when its owners promise to decide; empty: as the site does; 0: nothing is promised', null=True),
        ),
    ]
