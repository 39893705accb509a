"""The risk of an item, to sort the inbox by. What was asked for before has none."""

from django.db import migrations, models
from django.db.models.expressions import F, OrderBy


class Migration(migrations.Migration):

    dependencies = [
        ('requests', '0006_passing_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='item',
            name='risk',
            field=models.PositiveSmallIntegerField(default=0, help_text='`requests_app.risk`: to sort by'),
        ),
        migrations.AddField(
            model_name='item',
            name='risk_facts',
            field=models.JSONField(blank=True, default=dict, help_text='what the risk rests on'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(F('state'), OrderBy(F('risk'), descending=True), F('id'), condition=models.Q(('state__in', ('submitted', 'returned'))), name='item_waiting'),
        ),
    ]
