"""Calls are counted, and readings timed: the engine writes both, and nobody else."""

from django.db import migrations, models

RIGHTS = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_callcount FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0011_holds'),
    ]

    operations = [
        migrations.AddField(
            model_name='scopereading',
            name='seconds',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='CallCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_id', models.CharField(max_length=12)),
                ('region', models.CharField(max_length=30)),
                ('operation', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('calls', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('at', 'account_id', 'region', 'operation'), name='calls_once')],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
