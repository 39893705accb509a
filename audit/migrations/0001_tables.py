"""Tables of events and seals."""

import django.db.models.deletion
from django.db import migrations, models

from audit.table_creation import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Clock',
                fields=[
                    ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                    ('offset', models.DurationField()),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='audit_clock_one_row')],
                },
            ),
            migrations.CreateModel(
                name='Event',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('verb', models.CharField(max_length=60)),
                    ('actor', models.CharField(help_text='person:<id>, or engine:<worker>', max_length=120)),
                    ('subject', models.CharField(help_text='<model>:<id>', max_length=120)),
                    ('data', models.JSONField()),
                    ('digest', models.CharField(max_length=64)),
                ],
                options={
                    'indexes': [models.Index(fields=['subject', 'id'], name='audit_event_subject'), models.Index(fields=['at'], name='audit_event_at')],
                },
            ),
            migrations.CreateModel(
                name='Pending',
                fields=[
                    ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='pending', serialize=False, to='audit.event')),
                ],
                options={
                    'verbose_name': 'pending event',
                    'verbose_name_plural': 'pending events',
                },
            ),
            migrations.CreateModel(
                name='Seal',
                fields=[
                    ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='seal', to='audit.event')),
                    ('prev', models.CharField(max_length=64)),
                    ('hash', models.CharField(max_length=64)),
                    ('sealed_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='Verification',
                fields=[
                    ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                    ('recent_at', models.DateTimeField(blank=True, help_text='When the latest links were last verified.', null=True)),
                    ('recent_from', models.BigIntegerField(default=0, help_text='First link verified then.')),
                    ('head_seq', models.BigIntegerField(default=0, help_text='Last link verified then.')),
                    ('head_hash', models.CharField(blank=True, max_length=64)),
                    ('slice_seq', models.BigIntegerField(default=0, help_text='Progress of the pass over the whole chain.')),
                    ('slice_event', models.BigIntegerField(default=0, help_text='The same for events, by id.')),
                    ('full_began_at', models.DateTimeField(blank=True, null=True)),
                    ('full_at', models.DateTimeField(blank=True, help_text='When the whole chain was last verified.', null=True)),
                    ('full_seq', models.BigIntegerField(default=0, help_text='Number of links verified then.')),
                    ('full_seconds', models.FloatField(blank=True, help_text='From its first part to its last.', null=True)),
                    ('problems', models.JSONField(blank=True, default=list, help_text='The first problems: [{seq, event, text}].')),
                    ('broken_since', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'verbose_name': 'verification of the audit chain',
                    'verbose_name_plural': 'verification of the audit chain',
                    'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='audit_verification_one_row'), models.CheckConstraint(condition=models.Q(models.Q(('broken_since__isnull', True), ('problems', [])), models.Q(('broken_since__isnull', False), models.Q(('problems', []), _negated=True)), _connector='OR'), name='audit_verification_broken')],
                },
            ),
        ]),
    ]
