"""What a person's roles hold is asked by searches, in all catalogs: the role comes first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0012_landings')]
    operations = [
        migrations.RemoveIndex(model_name='observed', name='observed_principal'),
        migrations.AddIndex(
            model_name='observed',
            index=models.Index(fields=['principal_arn', 'catalog'], name='observed_by_principal'),
        ),
    ]
