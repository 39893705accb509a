"""Row rules, metadata only, and the widenings that a decision agreed to."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        ('requests', '0002_separation'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='item',
            name='item_asks_for_something',
        ),
        migrations.AddField(
            model_name='decision',
            name='widenings',
            field=models.JSONField(default=list, help_text='overlaps that were agreed to, each on its own: columns, rows, words'),
        ),
        migrations.AddField(
            model_name='item',
            name='metadata_only',
            field=models.BooleanField(default=False, help_text='names and types, no data'),
        ),
        migrations.AddField(
            model_name='item',
            name='row_rule',
            field=models.TextField(blank=True, default='', help_text='canonical text of the rule that rows must pass; empty: all rows'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('whole_table', True), ('metadata_only', True), models.Q(('columns', []), _negated=True), _connector='OR'), name='item_asks_for_something'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(('metadata_only', False), models.Q(('columns', []), ('row_rule', ''), ('whole_table', False)), _connector='OR'), name='item_metadata_without_data'),
        ),
    ]
