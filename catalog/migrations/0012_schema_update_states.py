"""Schema updates have the columns and states of all decisions."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_requests_of_people'),
        ('catalog', '0011_document_functions'),
        ('fulfilment', '0005_recreated_tables'),
        ('identity', '0008_role_change_states'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='schemaupdate',
            name='schema_update_one_open',
        ),
        migrations.RemoveConstraint(
            model_name='schemaupdate',
            name='schema_update_approved_with_intent',
        ),
        migrations.RunSQL((SQL / "schema_updates_0012.sql").read_text()),
        migrations.RenameField(
            model_name='schemaupdate',
            old_name='found_at',
            new_name='requested_at',
        ),
        migrations.AddField(
            model_name='schemaupdate',
            name='end_reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='schemaupdate',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schemaupdate',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='schemaupdate',
            name='requested_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='schemaupdate',
            name='state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('ended', 'ended'), ('lapsed', 'lapsed')], default='waiting', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='schemaupdate',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('registration',), name='schema_update_one_open'),
        ),
        migrations.AddConstraint(
            model_name='schemaupdate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('event__isnull', False), ('replaced_intent__isnull', False), ('state', 'approved'), ('table_intent__isnull', False), models.Q(('effects_hash', ''), _negated=True)), models.Q(('effects_hash', ''), ('replaced_intent', None), ('state__in', ['waiting', 'rejected', 'lapsed']), ('table_intent', None)), _connector='OR'), name='schema_update_approved_with_intent'),
        ),
    ]
