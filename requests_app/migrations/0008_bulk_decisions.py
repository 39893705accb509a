"""Decisions on several items at once, due after a while."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_bulkdecision, requests_bulkitem FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_bulkdecision, requests_bulkitem FROM meshmarket_web;
    GRANT UPDATE (taken_until, done_at, undone_at) ON requests_bulkdecision TO meshmarket_web;
    GRANT UPDATE (outcome, words) ON requests_bulkitem TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('requests', '0007_risk'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('approve', 'approve'), ('reject', 'reject')], max_length=10)),
                ('comment', models.TextField(blank=True)),
                ('key', models.CharField(help_text="the form's own key: a double submit is one", max_length=64)),
                ('given_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('taken_until', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bulk_decisions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None), ('undone_at', None)), fields=['due_at'], name='bulk_decision_due')],
                'constraints': [
                    models.UniqueConstraint(fields=('person', 'key'), name='bulk_decision_once'),
                    models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('given_at'))), name='bulk_decision_due_later'),
                    models.CheckConstraint(condition=models.Q(('undone_at', None), models.Q(('done_at', None), ('taken_until', None)), _connector='OR'), name='bulk_decision_undone_in_time'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('effects_hash', models.CharField(max_length=64)),
                ('outcome', models.CharField(choices=[('waiting', 'not carried out yet'), ('done', 'decided'), ('kept', 'left as it is')], default='waiting', max_length=10)),
                ('words', models.TextField(blank=True)),
                ('bulk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='requests.bulkdecision')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bulk_lines', to='requests.item')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('bulk', 'item'), name='bulk_item_once')],
            },
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
