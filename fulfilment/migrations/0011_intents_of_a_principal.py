"""What a principal was granted is found by an index, however many others were granted something."""

import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0010_named_expressions'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='intent',
            index=models.Index(django.db.models.fields.json.KeyTransform('principal_arn', 'wanted'), models.F('expires_at'), condition=models.Q(('ended_at__isnull', True)), name='intent_of_principal'),
        ),
    ]
