"""How background parts fare, what AWS refused, and wakes that leave a back-off alone."""

import django.db.models.deletion
from django.db import migrations, models


RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE ALL ON fulfilment_parthealth, fulfilment_refusal FROM meshmarket_web;
    GRANT SELECT, INSERT, UPDATE ON fulfilment_parthealth TO meshmarket_web;
    GRANT SELECT ON fulfilment_refusal TO meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON fulfilment_parthealth, fulfilment_refusal TO meshmarket_worker;
  END IF;
END $$;
"""

# The web writes how its own parts fare, and cannot say that the workers are well.
OWN_PARTS = """
CREATE FUNCTION fulfilment_own_part_health() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'meshmarket_web' AND (NEW.process <> 'web' OR (TG_OP = 'UPDATE' AND OLD.process <> 'web')) THEN
    RAISE EXCEPTION 'the web may not write how % fares', NEW.process;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_parthealth_own BEFORE INSERT OR UPDATE ON fulfilment_parthealth
  FOR EACH ROW EXECUTE FUNCTION fulfilment_own_part_health();
"""


class Migration(migrations.Migration):

    dependencies = [("fulfilment", "0016_finding_unjustified")]

    operations = [
        migrations.AddField(
            model_name='wake',
            name='retries',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='wake',
            name='urgent',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.CreateModel(
            name='PartHealth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(max_length=120)),
                ('process', models.CharField(help_text='sweep, timer, celery or web', max_length=20)),
                ('host', models.CharField(max_length=120)),
                ('reported_at', models.DateTimeField()),
                ('every', models.FloatField(help_text='its pace in seconds')),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0, help_text='in a row')),
                ('failures_in_all', models.PositiveIntegerField(default=0)),
                ('error_class', models.CharField(blank=True, help_text='of the last error, also after recovery', max_length=120)),
                ('error_id', models.CharField(blank=True, help_text='stands beside the traceback in the log', max_length=20)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('next_try_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'health of a background part',
                'verbose_name_plural': 'health of background parts',
                'constraints': [models.UniqueConstraint(fields=('part', 'process', 'host'), name='part_health_once'), models.CheckConstraint(condition=models.Q(models.Q(('failing_since__isnull', True), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0)), _connector='OR'), name='part_health_failing')],
            },
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='SHA-256 of the change', max_length=64)),
                ('action', models.CharField(max_length=20)),
                ('resource', models.CharField(max_length=600)),
                ('intents', models.JSONField(default=list)),
                ('count', models.PositiveIntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('next_at', models.DateTimeField()),
                ('error', models.TextField()),
                ('scope', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='fulfilment.scope')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='refusal_once')],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(OWN_PARTS, "DROP FUNCTION fulfilment_own_part_health() CASCADE"),
    ]
