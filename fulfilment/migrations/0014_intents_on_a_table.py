"""Who is granted something on a table is found by an index, however many tables there are."""

import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0013_by_principal'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='intent',
            index=models.Index(django.db.models.fields.json.KeyTransform('database', 'wanted'), django.db.models.fields.json.KeyTransform('table', 'wanted'), condition=models.Q(('ended_at__isnull', True)), name='intent_on_table'),
        ),
    ]
