"""Break-glass: standing consents, what was taken under them, and the decisions that they say."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CONSENTED = """
CREATE FUNCTION requests_demand_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM requests_standingconsent c
      JOIN requests_breakglass b ON b.consent_id = c.id
      JOIN requests_accessrequest r ON r.id = b.request_id
      JOIN requests_item i ON i.request_id = r.id
      JOIN requests_consenttable t ON t.consent_id = c.id AND t.table_id = i.table_id
     WHERE c.id = NEW.by_consent_id AND i.id = NEW.item_id AND i.tags = '{}'
       AND c.given_by_id = NEW.decided_by_id AND c.taker_id = NEW.requester_id AND b.taken_by_id = c.taker_id
       AND b.confirmed_by_id = c.second_id AND b.state = 'confirmed' AND r.principal_id = c.principal_id
       AND c.withdrawn_at IS NULL AND c.until > NEW.decided_at
       AND i.ends_at <= b.taken_at + c.hours * interval '1 hour') THEN
    RAISE EXCEPTION 'no standing consent with both names covers item %', NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_consent_in_force';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_consent AFTER INSERT ON requests_decision
  FOR EACH ROW WHEN (NEW.by_consent_id IS NOT NULL) EXECUTE FUNCTION requests_demand_consent();
"""

GIVEN = """
CREATE FUNCTION requests_demand_giver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
      WHERE d.id = NEW.domain_id AND m.person_id = NEW.given_by_id AND m.role = 'data_owner') THEN
    RAISE EXCEPTION 'person % does not answer for domain %', NEW.given_by_id, NEW.domain_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'consent_given_by_an_owner';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_consent_giver AFTER INSERT ON requests_standingconsent
  FOR EACH ROW EXECUTE FUNCTION requests_demand_giver();
"""

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_standingconsent, requests_consenttable, requests_breakglass
      FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_standingconsent, requests_consenttable, requests_breakglass
      FROM meshmarket_web;
    GRANT UPDATE (withdrawn_at, withdrawn_by_id) ON requests_standingconsent TO meshmarket_web;
    GRANT UPDATE (state, confirmed_by_id, confirmed_at, reviewed_by_id, reviewed_at, review)
      ON requests_breakglass TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('catalog', '0007_offers'),
        ('identity', '0004_local_groups'),
        ('requests', '0015_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StandingConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_at', models.DateTimeField()),
                ('hours', models.PositiveSmallIntegerField()),
                ('until', models.DateTimeField()),
                ('reason', models.TextField()),
                ('key', models.CharField(help_text="the form's own key: a double submit is one", max_length=64)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standing_consents', to='catalog.domain')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.principal')),
                ('second', models.ForeignKey(help_text='who confirms', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ConsentTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.table')),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='covered', to='requests.standingconsent')),
            ],
        ),
        migrations.CreateModel(
            name='BreakGlass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taken_at', models.DateTimeField()),
                ('lapses_at', models.DateTimeField(help_text='unconfirmed by then, it waits for an owner like any ask')),
                ('state', models.CharField(choices=[('asked', 'waiting for the second name'), ('confirmed', 'confirmed; to be reviewed by an owner'), ('reviewed', 'reviewed')], default='asked', max_length=10)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('review', models.TextField(blank=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='break_glass', to='requests.accessrequest')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='requests.standingconsent')),
            ],
        ),
        migrations.AddField(
            model_name='decision',
            name='by_consent',
            field=models.ForeignKey(blank=True, help_text='the standing consent by which it was said when both names were there, for who gave it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='requests.standingconsent'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('by_consent', None), ('answer', 'approve'), _connector='OR'), name='decision_by_consent_is_a_yes'),
        ),
        migrations.AddConstraint(
            model_name='standingconsent',
            constraint=models.UniqueConstraint(fields=('given_by', 'key'), name='consent_given_once'),
        ),
        migrations.AddConstraint(
            model_name='standingconsent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taker', models.F('second')), _negated=True), models.Q(('taker', models.F('given_by')), _negated=True), models.Q(('second', models.F('given_by')), _negated=True)), name='consent_of_three_people'),
        ),
        migrations.AddConstraint(
            model_name='standingconsent',
            constraint=models.CheckConstraint(condition=models.Q(('hours__gte', 1), ('hours__lte', 24)), name='consent_for_hours'),
        ),
        migrations.AddConstraint(
            model_name='standingconsent',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('given_at'))), name='consent_ends_later'),
        ),
        migrations.AddConstraint(
            model_name='standingconsent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='consent_withdrawn_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='consenttable',
            constraint=models.UniqueConstraint(fields=('consent', 'table'), name='consent_table_once'),
        ),
        migrations.AddIndex(
            model_name='breakglass',
            index=models.Index(condition=models.Q(('state', 'reviewed'), _negated=True), fields=['state'], name='break_glass_open'),
        ),
        migrations.AddConstraint(
            model_name='breakglass',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='break_glass_confirmed_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='breakglass',
            constraint=models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('taken_by')), _negated=True), _connector='OR'), name='break_glass_two_names'),
        ),
        migrations.AddConstraint(
            model_name='breakglass',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewed_by__isnull', False), ('state', 'reviewed'), models.Q(('review', ''), _negated=True)), models.Q(models.Q(('state', 'reviewed'), _negated=True), ('reviewed_by', None)), _connector='OR'), name='break_glass_reviewed_in_words'),
        ),
        migrations.AddConstraint(
            model_name='breakglass',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by', None), models.Q(models.Q(('reviewed_by', models.F('taken_by')), _negated=True), models.Q(('reviewed_by', models.F('confirmed_by')), _negated=True)), _connector='OR'), name='break_glass_reviewed_by_another'),
        ),
        migrations.RunSQL(CONSENTED, "DROP FUNCTION requests_demand_consent() CASCADE"),
        migrations.RunSQL(GIVEN, "DROP FUNCTION requests_demand_giver() CASCADE"),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
