"""Queries as a grant's role: people ask for them, the workers make them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON fulfilment_rolequery FROM meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_rolequery FROM meshmarket_worker;
    GRANT UPDATE (allowed_execution, refused_execution, finished_at, outcome, text)
      ON fulfilment_rolequery TO meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0012_calls_counted'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RoleQuery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('generation', models.PositiveIntegerField()),
                ('asked_at', models.DateTimeField()),
                ('database', models.CharField(help_text="as the role's own account knows it", max_length=255)),
                ('table', models.CharField(max_length=255)),
                ('allowed_column', models.CharField(max_length=255)),
                ('refused_column', models.CharField(blank=True, max_length=255)),
                ('allowed_execution', models.CharField(blank=True, help_text="Athena's id of the query", max_length=128)),
                ('refused_execution', models.CharField(blank=True, max_length=128)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('proven', 'reads what was granted, and is refused the rest'), ('contradicted', 'reads less or more than was granted'), ('not_trusted', 'the role does not let the workers in'), ('failed', 'the queries could not be made')], max_length=12)),
                ('text', models.TextField(blank=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_queries', to='fulfilment.intent')),
            ],
            options={
                'verbose_name_plural': 'role queries',
                'indexes': [models.Index(fields=['intent', '-id'], name='role_query_latest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('intent',), name='role_query_one_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('outcome', '')), models.Q(('finished_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='role_query_ends_with_an_outcome')],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
