from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0028_document_quality'),
    ]

    operations = [
        migrations.AlterField(
            model_name='alteration',
            name='subject',
            field=models.CharField(choices=[('catalog', 'what searches show'), ('waiting', 'what waits for a decision'), ('page', 'what else pages of data products show')], db_default='catalog', max_length=10),
        ),
    ]
