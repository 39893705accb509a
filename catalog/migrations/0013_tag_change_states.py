"""Tag changes have the columns and states of all decisions."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_requests_of_people'),
        ('catalog', '0012_schema_update_states'),
        ('fulfilment', '0005_recreated_tables'),
        ('identity', '0007_decisions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='tagchange',
            name='tag_change_of_its_proposer',
        ),
        migrations.RemoveConstraint(
            model_name='tagchange',
            name='tag_change_closed_by_somebody',
        ),
        migrations.RemoveConstraint(
            model_name='tagchangeapproval',
            name='tag_change_approved_by_another',
        ),
        migrations.RenameField(
            model_name='tagchange',
            old_name='closed_at',
            new_name='decided_at',
        ),
        migrations.RenameField(
            model_name='tagchange',
            old_name='closed_by',
            new_name='decided_by',
        ),
        migrations.RenameField(
            model_name='tagchange',
            old_name='proposed_at',
            new_name='requested_at',
        ),
        migrations.RenameField(
            model_name='tagchange',
            old_name='proposed_by',
            new_name='requested_by',
        ),
        migrations.RenameField(
            model_name='tagchangeapproval',
            old_name='proposed_by',
            new_name='requested_by',
        ),
        migrations.AddField(
            model_name='tagchange',
            name='end_reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='tagchange',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='tagchange',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='tagchange',
            name='event',
            field=models.OneToOneField(blank=True, help_text='of the decision', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.RunSQL((SQL / "tag_changes_0013.sql").read_text()),
        migrations.AlterField(
            model_name='tagchange',
            name='comment',
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name='tagchange',
            name='effects_hash',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='tagchange',
            name='state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('ended', 'ended'), ('lapsed', 'lapsed')], default='waiting', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='tagchange',
            constraint=models.UniqueConstraint(fields=('id', 'requested_by'), name='tag_change_of_its_proposer'),
        ),
        migrations.AddConstraint(
            model_name='tagchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('ended_at', None), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('ended_at', None), ('state__in', ['approved', 'rejected'])), models.Q(('decided_at', None), ('ended_at__isnull', False), ('ended_by__isnull', False), ('state', 'withdrawn')), _connector='OR'), name='tag_change_closed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='tagchangeapproval',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', models.F('requested_by')), _negated=True), name='tag_change_approved_by_another'),
        ),
    ]
