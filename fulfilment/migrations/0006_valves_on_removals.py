
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0005_ledger'),
    ]

    operations = [
        migrations.AddField(
            model_name='valve',
            name='always_removed',
            field=models.PositiveIntegerField(default=10, help_text='so many removals of a round go, whatever share they are'),
        ),
        migrations.AddField(
            model_name='valve',
            name='most_removed',
            field=models.PositiveSmallIntegerField(blank=True, help_text='percent: a round that would remove more of what our grants hold waits with its removals', null=True),
        ),
    ]
