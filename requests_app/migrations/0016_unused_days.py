"""A campaign may be over what nobody used for some days."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('requests', '0015_old_notices_go'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='unused_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
