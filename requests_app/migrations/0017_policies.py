"""Policies in versions; decisions in roles; the database demands every role that an item's verdict names."""

import django.contrib.postgres.fields
import django.db.models.deletion
import requests_app.models
from django.conf import settings
from django.db import migrations, models


GLOBAL_TIGHTENS = """
ALTER TABLE requests_policyversion ADD CONSTRAINT policy_global_never_automatic
  CHECK (domain_id IS NOT NULL OR NOT rules @? '$[*].then.automatic');
"""

DECIDER = """
CREATE FUNCTION requests_demand_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked record; holds boolean;
BEGIN
  SELECT r.team_id, a.team_id AS account_team, coalesce(d.domain_id, p.domain_id) AS domain INTO asked
    FROM requests_item i JOIN requests_accessrequest r ON r.id = i.request_id
    JOIN identity_principal o ON o.id = r.principal_id JOIN identity_account a ON a.id = o.account_id
    JOIN catalog_table t ON t.id = i.table_id JOIN catalog_database d ON d.id = t.database_id
    LEFT JOIN catalog_dataproduct p ON p.id = i.product_id
   WHERE i.id = NEW.item_id;
  holds := CASE NEW.role
      WHEN 'owner' THEN EXISTS (SELECT FROM identity_membership m JOIN catalog_domain d ON d.owner_team_id = m.team_id
        WHERE d.id = asked.domain AND m.person_id = coalesce(NEW.on_behalf_of_id, NEW.decided_by_id)
          AND m.role = 'data_owner' AND (NEW.on_behalf_of_id IS NULL OR EXISTS (SELECT FROM requests_delegation g
            WHERE g.owner_id = NEW.on_behalf_of_id AND g.delegate_id = NEW.decided_by_id AND g.team_id = m.team_id
              AND g.ended_at IS NULL AND g.starts_at <= meshmarket_now() AND g.ends_at > meshmarket_now())))
      WHEN 'lead' THEN EXISTS (SELECT FROM identity_membership m
        WHERE m.team_id = asked.team_id AND m.person_id = NEW.decided_by_id AND m.role = 'lead')
      ELSE EXISTS (SELECT FROM identity_platformrole h WHERE h.person_id = NEW.decided_by_id AND h.role = NEW.role)
    END;
  IF NOT holds THEN
    RAISE EXCEPTION 'person % does not decide on item % as its %', NEW.decided_by_id, NEW.item_id, NEW.role
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_in_a_role_that_is_held';
  END IF;
  IF NEW.role <> 'lead' AND EXISTS (SELECT FROM identity_membership m
      WHERE m.person_id IN (NEW.decided_by_id, NEW.on_behalf_of_id) AND m.team_id IN (asked.team_id, asked.account_team)) THEN
    RAISE EXCEPTION 'person % belongs to the team that asks for item %', NEW.decided_by_id, NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_outside_the_asking_team';
  END IF;
  IF NEW.by_rule_id IS NOT NULL AND NOT EXISTS (SELECT FROM requests_policyversion v WHERE v.id = NEW.by_rule_id
      AND v.state = 'in_force' AND v.domain_id = asked.domain AND v.in_force_by_id = NEW.decided_by_id
      AND v.rules @? '$[*].then.automatic') THEN
    RAISE EXCEPTION 'no rule in force says yes to item % for person %', NEW.item_id, NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_a_rule_in_force';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_role AFTER INSERT ON requests_decision
  FOR EACH ROW EXECUTE FUNCTION requests_demand_role();
"""

QUORUM = """
CREATE OR REPLACE FUNCTION requests_demand_quorum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE need record; found integer;
BEGIN
  FOR need IN SELECT demanded.role, max(demanded.quorum) AS quorum
      FROM requests_item i, jsonb_to_recordset(coalesce(i.verdict -> 'needs', '[]'::jsonb)
        || '[{"role": "owner", "quorum": 1}]'::jsonb) AS demanded (role text, quorum integer)
     WHERE i.id = NEW.item_id GROUP BY demanded.role LOOP
    SELECT count(DISTINCT coalesce(d.on_behalf_of_id, d.decided_by_id)) INTO found FROM requests_decision d
     WHERE d.item_id = NEW.item_id AND d.answer = 'approve' AND d.role = need.role
       AND d.effects_hash = NEW.effects_hash AND d.decided_by_id <> d.requester_id
       AND (d.ends_at IS NULL OR d.ends_at >= NEW.ends_at);
    IF found < need.quorum THEN
      RAISE EXCEPTION 'grant % has no approval of another person for its effects: % of % as %',
        NEW.id, found, need.quorum, need.role;
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
"""

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON requests_policyversion FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON requests_policyversion FROM meshmarket_web;
    GRANT UPDATE (state, in_force_by_id, in_force_at, retired_by_id, retired_at) ON requests_policyversion
      TO meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('catalog', '0006_classes_of_tables'),
        ('requests', '0016_break_glass'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='1, 2 … for each domain, and for all of them')),
                ('rules', models.JSONField()),
                ('note', models.TextField(help_text='why these rules')),
                ('state', models.CharField(choices=[('draft', 'a draft: it counts for nothing yet'), ('in_force', 'in force'), ('retired', 'retired')], default='draft', max_length=10)),
                ('written_at', models.DateTimeField()),
                ('in_force_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_once_a_person',
        ),
        migrations.AddField(
            model_name='bulkitem',
            name='rules_hash',
            field=models.CharField(blank=True, default='', help_text='the verdict of the rules, too', max_length=64),
        ),
        migrations.AddField(
            model_name='decision',
            name='ends_at',
            field=models.DateTimeField(blank=True, help_text='until when was agreed to', null=True),
        ),
        migrations.AddField(
            model_name='decision',
            name='role',
            field=models.CharField(choices=[('lead', 'lead'), ('owner', 'owner'), ('steward', 'steward'), ('privacy', 'privacy')], default='owner', max_length=10),
        ),
        migrations.AddField(
            model_name='item',
            name='agreed_hash',
            field=models.CharField(blank=True, default='', help_text='effects that some have agreed to, and others not yet', max_length=64),
        ),
        migrations.AddField(
            model_name='item',
            name='facts',
            field=models.JSONField(blank=True, default=dict, help_text='`requests_app.policy.facts`, as rules saw it'),
        ),
        migrations.AddField(
            model_name='item',
            name='needed_from',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=requests_app.models.the_owner_alone, help_text='every role whose yes is needed', size=None),
        ),
        migrations.AddField(
            model_name='item',
            name='verdict',
            field=models.JSONField(blank=True, default=dict, help_text='`requests_app.policy.judging`; empty: one owner decides'),
        ),
        migrations.AddField(
            model_name='item',
            name='waits_for',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=requests_app.models.the_owner_alone, help_text='of these, whose turn it is', size=None),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='domain',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='catalog.domain'),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='in_force_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='retired_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policyversion',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='decision',
            name='by_rule',
            field=models.ForeignKey(blank=True, help_text='the policy by whose rule it was said, at once, for who put it in force', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='requests.policyversion'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('by_rule', None), models.Q(('answer', 'approve'), ('role', 'owner')), _connector='OR'), name='decision_by_rule_is_the_owners_yes'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(fields=('item', 'effects_hash', 'decided_by', 'ends_at'), name='decision_once_a_person', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(fields=('domain', 'number'), name='policy_number_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'in_force')), fields=('domain',), name='policy_one_in_force', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('domain',), name='policy_one_draft', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'in_force'), _negated=True), models.Q(('in_force_at__isnull', False), ('in_force_by__isnull', False)), _connector='OR'), name='policy_in_force_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='policyversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', False), ('state', 'retired')), models.Q(models.Q(('state', 'retired'), _negated=True), ('retired_at', None)), _connector='OR'), name='policy_retired_has_time'),
        ),
        migrations.RunSQL(
            GLOBAL_TIGHTENS,
            "ALTER TABLE requests_policyversion DROP CONSTRAINT policy_global_never_automatic",
        ),
        migrations.RunSQL(DECIDER, "DROP FUNCTION requests_demand_role() CASCADE"),
        migrations.RunSQL(QUORUM, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
