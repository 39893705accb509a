from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('identity', '0003_tags_of_principals')]
    operations = [
        migrations.AddField(
            model_name='account', name='table_links',
            field=models.JSONField(blank=True, default=dict, editable=False, help_text='whether granted tables land by links of their own: for all databases under an empty name, for one under <catalog row>/<database>; else by a link to their database'),
        ),
    ]
