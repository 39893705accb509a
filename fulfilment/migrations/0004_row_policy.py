"""A kind of drift finding for row-level security policies on tables with grants."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0003_unknown_permission'),
    ]

    operations = [
        migrations.AlterField(
            model_name='driftfinding',
            name='kind',
            field=models.CharField(choices=[('missing', 'missing'), ('fewer_columns', 'fewer_columns'), ('filter_changed', 'filter_changed'), ('filter_deleted', 'filter_deleted'), ('share_gone', 'share_gone'), ('table_recreated', 'table_recreated'), ('table_deleted', 'table_deleted'), ('principal_recreated', 'principal_recreated'), ('principal_deleted', 'principal_deleted'), ('link_dropped', 'link_dropped'), ('link_repointed', 'link_repointed'), ('link_name_taken', 'link_name_taken'), ('location_deregistered', 'location_deregistered'), ('opt_in_removed', 'opt_in_removed'), ('more_columns', 'more_columns'), ('surplus_ours', 'surplus_ours'), ('surplus_foreign', 'surplus_foreign'), ('iam_allowed_back', 'iam_allowed_back'), ('version_lowered', 'version_lowered'), ('widened', 'widened'), ('narrowed', 'narrowed'), ('expression_changed', 'expression_changed'), ('administrator_added', 'administrator_added'), ('unjustified', 'unjustified'), ('tags_changed', 'tags_changed'), ('unknown_permission', 'unknown_permission'), ('row_policy', 'row_policy')], max_length=30),
        ),
    ]
