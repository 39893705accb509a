"""What accounts pass on of their envelopes. The database holds whose, how much, and by whom."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


BOUNDED = """
CREATE FUNCTION requests_bound_local_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM requests_grant g
      JOIN identity_principal p ON p.id = g.principal_id AND p.arn = p.unique_id
      JOIN identity_localgroup l ON l.id = NEW.group_id AND l.account_id = p.account_id AND l.ended_at IS NULL
      JOIN fulfilment_intent i ON i.id = g.intent_id AND i.ended_at IS NULL
     WHERE g.id = NEW.envelope_id AND g.state = 'live'
       AND (i.wanted->'columns' ? 'except' OR to_jsonb(NEW.columns) <@ (i.wanted->'columns'->'include'))) THEN
    RAISE EXCEPTION 'local grant % does not lie within a live envelope of its account', NEW.id;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM identity_localgroup l
      JOIN identity_account a ON a.id = l.account_id
      JOIN identity_membership m ON m.team_id = a.team_id AND m.role = 'account_admin'
     WHERE l.id = NEW.group_id AND m.person_id = NEW.given_by_id) THEN
    RAISE EXCEPTION 'local grant % was not given by an admin of its account', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_local_grant_bounded BEFORE INSERT ON requests_localgrant
  FOR EACH ROW EXECUTE FUNCTION requests_bound_local_grant();
CREATE FUNCTION requests_keep_local_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL OR (NEW.group_id, NEW.envelope_id, NEW.columns, NEW.given_by_id, NEW.given_at, NEW.event_id)
      IS DISTINCT FROM (OLD.group_id, OLD.envelope_id, OLD.columns, OLD.given_by_id, OLD.given_at, OLD.event_id) THEN
    RAISE EXCEPTION 'local grant % is ended once and otherwise never changed', OLD.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_local_grant_kept BEFORE UPDATE ON requests_localgrant
  FOR EACH ROW EXECUTE FUNCTION requests_keep_local_grant();
"""
KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_localgrant, requests_localhold FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE DELETE ON requests_localgrant FROM meshmarket_web;
    REVOKE UPDATE, DELETE ON requests_localhold FROM meshmarket_web;
  END IF;
END $$;
"""
UNBOUNDED = "DROP FUNCTION requests_bound_local_grant() CASCADE; DROP FUNCTION requests_keep_local_grant() CASCADE"


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('fulfilment', '0006_valves_on_removals'),
        ('identity', '0004_local_groups'),
        ('requests', '0005_less_changes_and_remarks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LocalGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), size=None)),
                ('given_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('envelope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed_on', to='requests.grant')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='local_grants', to='identity.localgroup')),
            ],
        ),
        migrations.CreateModel(
            name='LocalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('intent', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='local_hold', to='fulfilment.intent')),
                ('local_grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='requests.localgrant')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='identity.localmember')),
            ],
        ),
        migrations.AddConstraint(
            model_name='localgrant',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('group', 'envelope'), name='local_grant_one_live'),
        ),
        migrations.AddConstraint(
            model_name='localgrant',
            constraint=models.CheckConstraint(condition=models.Q(('columns', []), _negated=True), name='local_grant_of_something'),
        ),
        migrations.AddConstraint(
            model_name='localgrant',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_by__isnull', False), _connector='OR'), name='local_grant_ended_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='localhold',
            constraint=models.UniqueConstraint(fields=('local_grant', 'member'), name='local_hold_once_a_member'),
        ),
        migrations.RunSQL(BOUNDED, UNBOUNDED),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
