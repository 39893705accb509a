"""Role changes have the columns and states of all decisions."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")
STATE = [
    migrations.RemoveConstraint(model_name='rolechange', name='role_change_has_its_decider'),
    migrations.RemoveConstraint(model_name='rolechange', name='role_change_second_governor'),
    migrations.RemoveConstraint(model_name='rolechange', name='role_change_bars_in_effect'),
    migrations.RenameField(model_name="rolechange", old_name="proposed_by", new_name="requested_by"),
    migrations.RenameField(model_name="rolechange", old_name="proposed_at", new_name="requested_at"),
    migrations.AlterField(model_name='rolechange', name='requested_by', field=models.ForeignKey(db_column='proposed_by_id', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
    migrations.AlterField(model_name='rolechange', name='requested_at', field=models.DateTimeField(db_column='proposed_at')),
    migrations.RenameField(model_name="rolechange", old_name="event", new_name="proposal_event"),
    migrations.AddField(model_name='rolechange', name='comment', field=models.TextField(blank=True)),
    migrations.AddField(model_name='rolechange', name='effects_hash', field=models.CharField(blank=True, max_length=64)),
    migrations.AddField(model_name='rolechange', name='end_reason', field=models.TextField(blank=True)),
    migrations.AddField(model_name='rolechange', name='ended_at', field=models.DateTimeField(blank=True, null=True)),
    migrations.AddField(model_name='rolechange', name='ended_by', field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
    migrations.AddField(model_name='rolechange', name='event', field=models.OneToOneField(blank=True, help_text='of the decision', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
    migrations.AlterField(model_name='rolechange', name='state', field=models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('ended', 'ended'), ('lapsed', 'lapsed')], default='waiting', max_length=10)),
    migrations.AddConstraint(model_name='rolechange', constraint=models.CheckConstraint(condition=models.Q(models.Q(('at_once', True), ('decided_by', None), ('state', 'approved')), models.Q(('at_once', False), ('decided_by', None), ('state__in', ['waiting', 'lapsed', 'withdrawn'])), models.Q(('at_once', False), ('decided_by__isnull', False), ('state__in', ['approved', 'rejected'])), _connector='OR'), name='role_change_has_its_decider')),
    migrations.AddConstraint(model_name='rolechange', constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), ('at_once', True), models.Q(models.Q(('decided_by', models.F('requested_by')), _negated=True), models.Q(('person', None), models.Q(('decided_by', models.F('person')), _negated=True), _connector='OR')), _connector='OR'), name='role_change_second_governor')),
    migrations.AddConstraint(model_name='rolechange', constraint=models.CheckConstraint(condition=models.Q(('bars_until', None), ('state', 'approved'), _connector='OR'), name='role_change_bars_in_effect')),
]


class Migration(migrations.Migration):

    dependencies = [("identity", "0007_decisions")]

    operations = [migrations.RunSQL((SQL / "role_changes_0008.sql").read_text(), state_operations=STATE)]
