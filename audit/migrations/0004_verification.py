"""How far the chain was verified, and what was found."""

from django.db import migrations, models


RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE ALL ON audit_verification FROM meshmarket_web;
    GRANT SELECT ON audit_verification TO meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE ALL ON audit_verification FROM meshmarket_worker;
    GRANT SELECT, INSERT, UPDATE ON audit_verification TO meshmarket_worker;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [("audit", "0003_rights_are_listed")]

    operations = [
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('recent_at', models.DateTimeField(blank=True, help_text='when the latest links were verified last', null=True)),
                ('recent_from', models.BigIntegerField(default=0, help_text='the first link that was verified then')),
                ('head_seq', models.BigIntegerField(default=0, help_text='the last link that was verified then')),
                ('head_hash', models.CharField(blank=True, max_length=64)),
                ('slice_seq', models.BigIntegerField(default=0, help_text='how far the pass over the whole chain has come')),
                ('slice_event', models.BigIntegerField(default=0, help_text='the same among events, by id')),
                ('full_began_at', models.DateTimeField(blank=True, null=True)),
                ('full_at', models.DateTimeField(blank=True, help_text='when the whole chain was verified last', null=True)),
                ('full_seq', models.BigIntegerField(default=0, help_text='how many links that were')),
                ('full_seconds', models.FloatField(blank=True, help_text='from its first slice to its last', null=True)),
                ('problems', models.JSONField(blank=True, default=list, help_text='[{seq, event, text}], the first ones')),
                ('broken_since', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'verification of the audit chain',
                'verbose_name_plural': 'verification of the audit chain',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='audit_verification_one_row'), models.CheckConstraint(condition=models.Q(models.Q(('broken_since__isnull', True), ('problems', [])), models.Q(('broken_since__isnull', False), models.Q(('problems', []), _negated=True)), _connector='OR'), name='audit_verification_broken')],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
