"""Holds: the engine opens them, people and the clerk end those on columns; a column let in is the web's to write."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_hold FROM meshmarket_web;
    GRANT UPDATE (ended_at, ended_as, ended_by_id, reason) ON fulfilment_hold TO meshmarket_web;
    GRANT UPDATE (opened) ON fulfilment_intent TO meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE DELETE ON fulfilment_hold FROM meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0010_conditions'),
        ('identity', '0005_held_columns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='intent',
            name='opened',
            field=models.JSONField(blank=True, default=list, help_text='columns that came later and were let in since: see `Hold`'),
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('column', 'a new column'), ('removals', 'many removals at once')], max_length=10)),
                ('scope_key', models.CharField(max_length=80)),
                ('database', models.CharField(blank=True, max_length=255)),
                ('table', models.CharField(blank=True, max_length=255)),
                ('column', models.CharField(blank=True, help_text='in lower case, as AWS lists it', max_length=255)),
                ('text', models.TextField()),
                ('since', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_as', models.CharField(blank=True, choices=[('released', 'let in by a person'), ('classified', 'let in as classified'), ('let_through', 'no longer kept back by a valve'), ('idle', 'the column, or the grant, is gone')], max_length=12)),
                ('reason', models.TextField(blank=True, help_text='of who let it in')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='identity.connectedcatalog')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('intent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='fulfilment.intent')),
            ],
            options={
                'indexes': [models.Index(fields=['catalog', '-id'], name='hold_catalog_latest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('kind', 'column')), fields=('intent', 'column'), name='hold_column_open_once'), models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('kind', 'removals')), fields=('scope_key',), name='hold_removals_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('intent__isnull', False), ('kind', 'column'), models.Q(('column', ''), _negated=True)), models.Q(('column', ''), ('intent__isnull', True), ('kind', 'removals')), _connector='OR'), name='hold_of_column_or_removals'), models.CheckConstraint(condition=models.Q(models.Q(('ended_as', ''), ('ended_at__isnull', True)), models.Q(('ended_at__isnull', False), models.Q(('ended_as', ''), _negated=True)), _connector='OR'), name='hold_end_says_how'), models.CheckConstraint(condition=models.Q(models.Q(('ended_as', 'released'), ('ended_by__isnull', False), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('ended_as', 'released'), _negated=True), ('ended_by__isnull', True)), _connector='OR'), name='hold_released_by_someone')],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
