from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fulfilment", "0004_registered_locations")]
    operations = [
        migrations.AlterField(model_name="observed", name="columns", field=models.JSONField(default=dict), preserve_default=False),
    ]
