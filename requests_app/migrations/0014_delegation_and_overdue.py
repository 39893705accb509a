"""Decisions passed on for a while, and what was done because an ask waited too long."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_delegation FROM meshmarket_worker;
    REVOKE UPDATE, DELETE ON requests_overdue FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_overdue FROM meshmarket_web;
    REVOKE UPDATE, DELETE ON requests_delegation FROM meshmarket_web;
    GRANT UPDATE (ended_at) ON requests_delegation TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('identity', '0004_local_groups'),
        ('requests', '0013_under_offers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Overdue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('remind', 'its deciders are reminded'), ('escalate', 'governance admins are told')], max_length=10)),
                ('since', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='decision',
            name='on_behalf_of',
            field=models.ForeignKey(blank=True, help_text='the data owner who had passed on their decisions, where it was decided for one', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('on_behalf_of', None), models.Q(models.Q(('on_behalf_of', models.F('requester')), _negated=True), models.Q(('on_behalf_of', models.F('decided_by')), _negated=True)), _connector='OR'), name='decision_for_another'),
        ),
        migrations.AddField(
            model_name='delegation',
            name='delegate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entrusted', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delegation',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AddField(
            model_name='delegation',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delegations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delegation',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.team'),
        ),
        migrations.AddField(
            model_name='overdue',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AddField(
            model_name='overdue',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overdue', to='requests.item'),
        ),
        migrations.AddIndex(
            model_name='delegation',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['delegate'], name='delegation_open'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.CheckConstraint(condition=models.Q(('owner', models.F('delegate')), _negated=True), name='delegation_to_another'),
        ),
        migrations.AddConstraint(
            model_name='delegation',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='delegation_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='overdue',
            constraint=models.UniqueConstraint(fields=('item', 'step', 'since'), name='overdue_once'),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
