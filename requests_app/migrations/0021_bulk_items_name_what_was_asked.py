from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('requests', '0020_service_roles')]
    operations = [
        migrations.AddField(
            model_name='bulkitem',
            name='terms_digest',
            field=models.CharField(blank=True, default='', help_text='what was asked for then', max_length=64),
        ),
    ]
