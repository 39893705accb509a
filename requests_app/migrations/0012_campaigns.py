"""Recertification: campaigns and their lines. The web answers and settles; nobody deletes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_campaign, requests_campaignline FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_campaign, requests_campaignline FROM meshmarket_web;
    GRANT UPDATE (state, closed_at, closing_event_id) ON requests_campaign TO meshmarket_web;
    GRANT UPDATE (state, answered_by_id, answered_at, reason, until, event_id) ON requests_campaignline
      TO meshmarket_web;
  END IF;
END $$;
"""

NEVER_LATER = """
CREATE FUNCTION requests_refuse_later_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'grant % would end later than was agreed to', OLD.id;
END $$;
CREATE TRIGGER requests_grant_never_later BEFORE UPDATE OF ends_at ON requests_grant
  FOR EACH ROW WHEN (NEW.ends_at > OLD.ends_at) EXECUTE FUNCTION requests_refuse_later_end();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('catalog', '0006_classes_of_tables'),
        ('identity', '0004_local_groups'),
        ('requests', '0011_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('started_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(db_index=True)),
                ('classification', models.CharField(blank=True, max_length=20)),
                ('key', models.CharField(help_text="the form's own key: a double submit is one", max_length=64)),
                ('state', models.CharField(choices=[('open', 'open'), ('closed', 'closed: its time is over and every line has its answer'), ('called_off', 'called off: what nobody answered goes on')], default='open', max_length=12)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.account')),
                ('closing_event', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('domain', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.domain')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.dataproduct')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CampaignLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'waiting for a word'), ('kept', 'kept'), ('revoked', 'revoked'), ('defaulted', 'ended, as nobody kept it'), ('ended', 'ended meanwhile by something else')], default='open', max_length=10)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='requests.campaign')),
                ('event', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaign_lines', to='requests.grant')),
            ],
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.UniqueConstraint(fields=('started_by', 'key'), name='campaign_started_once'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('started_at'))), name='campaign_due_later'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closing_event', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False), ('closing_event__isnull', False)), _connector='OR'), name='campaign_closed_has_time'),
        ),
        migrations.AddIndex(
            model_name='campaignline',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['grant'], name='campaign_line_open'),
        ),
        migrations.AddConstraint(
            model_name='campaignline',
            constraint=models.UniqueConstraint(fields=('campaign', 'grant'), name='campaign_line_once'),
        ),
        migrations.AddConstraint(
            model_name='campaignline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('event', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('answered_at__isnull', False), ('event__isnull', False)), _connector='OR'), name='campaign_line_answered_has_event'),
        ),
        migrations.AddConstraint(
            model_name='campaignline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_by', None), ('state__in', ('open', 'defaulted', 'ended'))), models.Q(('answered_by__isnull', False), ('state__in', ('kept', 'revoked'))), _connector='OR'), name='campaign_line_kept_by_a_person'),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(NEVER_LATER, "DROP FUNCTION requests_refuse_later_end() CASCADE"),
    ]
