"""Webhooks, and what was delivered to each of them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import requests_app.webhooks.models
from django.db import migrations, models

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_webhook FROM meshmarket_worker;
    REVOKE DELETE ON requests_delivery FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_delivery FROM meshmarket_web;
    GRANT UPDATE (sent_at, gave_up_at, due_at, attempts, replays) ON requests_delivery TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('catalog', '0008_promised_hours'),
        ('requests', '0014_delegation_and_overdue'),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('url', models.CharField(help_text='https; never shown in lists', max_length=500, validators=[requests_app.webhooks.models.check_url])),
                ('style', models.CharField(choices=[('json', 'signed JSON'), ('slack', "words, as Slack's incoming webhooks take them")], default='json', max_length=10)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('asked', 'Something waits for your decision'), ('decided', 'A decision on what you asked for'), ('said', 'Words and changes on an ask'), ('arrived', 'Access is there, read back from AWS'), ('ended', 'Access ends, or will end soon'), ('failed', 'Something failed, or waits for a person'), ('found', 'Something was changed behind the portal'), ('overdue', 'A promised time has passed'), ('entrusted', 'Decisions are passed to you for a while'), ('recertified', 'Access is looked at anew'), ('emergency', 'Break-glass')], max_length=20), blank=True, default=list, help_text='empty: every kind', size=None)),
                ('is_active', models.BooleanField(default=True)),
                ('salt', models.CharField(default=requests_app.webhooks.models.new_salt, editable=False, max_length=32)),
                ('domain', models.ForeignKey(blank=True, help_text='empty: every domain', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.domain')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('gave_up_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.TextField(blank=True)),
                ('body', models.TextField(help_text='as it is signed')),
                ('status', models.PositiveSmallIntegerField(blank=True, help_text='of the last answer', null=True)),
                ('replays', models.PositiveSmallIntegerField(default=0)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='requests.webhook')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('gave_up_at', None), ('sent_at', None)), fields=['due_at'], name='delivery_due')],
                'constraints': [models.UniqueConstraint(fields=('webhook', 'event'), name='delivery_once'), models.CheckConstraint(condition=models.Q(('sent_at', None), ('gave_up_at', None), _connector='OR'), name='delivery_one_end')],
            },
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
