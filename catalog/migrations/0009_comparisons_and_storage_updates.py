"""Comparisons of registered tables with their sources, and schema updates that change how files are read."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0008_registration_storage'),
        ('audit', '0003_requests_of_people'),
        ('fulfilment', '0005_recreated_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='schemaupdate',
            name='replaces_storage',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='schemaupdate',
            name='storage',
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name='RowComparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requested_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('same', 'the rows are the same'), ('different', 'the rows are different'), ('unknown', 'could not be compared')], db_default='waiting', default='waiting', max_length=10)),
                ('source_digest', models.CharField(blank=True, db_default='', default='', max_length=64)),
                ('file', models.TextField(blank=True, db_default='', default='')),
                ('execution', models.CharField(blank=True, db_default='', default='', help_text='Query id in Athena.', max_length=128)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('source_rows', models.PositiveBigIntegerField(blank=True, null=True)),
                ('table_rows', models.PositiveBigIntegerField(blank=True, null=True)),
                ('differing_columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), db_default=[], default=list, size=None)),
                ('problem', models.CharField(blank=True, choices=[('', ''), ('not_allowed', 'the person may no longer request it'), ('not_registered', 'the table is not registered as it was approved'), ('no_source', 'the source is not known'), ('other_region', 'the source is in another region or a nested catalog'), ('no_rows', 'the source has no rows'), ('not_trusted', 'the role does not trust the workers'), ('no_scan_limit', 'the workgroup does not limit what a query scans'), ('source_refused', 'the role may not read the source'), ('table_refused', 'the role may not read the registered table'), ('too_long', 'it did not end in time'), ('athena_failed', 'the query failed in Athena'), ('unexpected', 'an unexpected error')], db_default='', default='', max_length=14)),
                ('error', models.TextField(blank=True, db_default='', default='')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='catalog.registration')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.table')),
                ('table_intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fulfilment.intent')),
            ],
            options={
                'indexes': [models.Index(fields=['registration', '-id'], name='row_comparison_latest'), models.Index(condition=models.Q(('state__in', ('waiting', 'running'))), fields=['id'], name='row_comparison_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running'))), fields=('registration',), name='row_comparison_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ('waiting', 'running'))), models.Q(models.Q(('state__in', ('waiting', 'running')), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='row_comparison_finished_at_its_end'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'unknown'), models.Q(('problem', ''), _negated=True)), models.Q(models.Q(('state', 'unknown'), _negated=True), ('problem', '')), _connector='OR'), name='row_comparison_unknown_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'same'), _negated=True), models.Q(('differing_columns', []), ('source_rows__isnull', False), ('table_rows__isnull', False), ('source_rows', models.F('table_rows')), ('source_rows__gt', 0)), _connector='OR'), name='row_comparison_same_is_proven')],
            },
        ),
        migrations.RunSQL((SQL / "schema_updates_0009.sql").read_text() + (SQL / "row_comparisons_0009.sql").read_text()),
    ]
