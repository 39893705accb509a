"""Data cells filters, hybrid access mode and opt-ins, as seen in AWS; the engine alone writes them."""

import django.db.models.deletion
from django.db import migrations, models


HALVES = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_observedfilter, fulfilment_observedoptin FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfilment', '0002_halves_and_proof'),
        ('identity', '0002_sign_in_attempts'),
    ]

    operations = [
        migrations.CreateModel(
            name='ObservedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('database', models.CharField(max_length=255)),
                ('table', models.CharField(max_length=255)),
                ('name', models.CharField(max_length=255)),
                ('rows', models.TextField(blank=True)),
                ('columns', models.JSONField()),
                ('version', models.CharField(blank=True, help_text="AWS's: it counts the changes", max_length=40)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ObservedOptIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('principal_arn', models.CharField(max_length=600)),
                ('database', models.CharField(max_length=255)),
                ('table', models.CharField(max_length=255)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='observed',
            name='observed_atom_once',
        ),
        migrations.AddField(
            model_name='observed',
            name='cells_filter',
            field=models.CharField(blank=True, default='', help_text='the data cells filter of the table that it is held on', max_length=255),
        ),
        migrations.AddField(
            model_name='registeredlocation',
            name='is_hybrid',
            field=models.BooleanField(default=False, help_text='Lake Formation decides for who opted in alone'),
        ),
        migrations.AddConstraint(
            model_name='observed',
            constraint=models.UniqueConstraint(fields=('catalog', 'principal_arn', 'database', 'table', 'cells_filter', 'verb', 'grantable'), name='observed_atom_once'),
        ),
        migrations.AddField(
            model_name='observedfilter',
            name='catalog',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cells_filters', to='identity.connectedcatalog'),
        ),
        migrations.AddField(
            model_name='observedoptin',
            name='catalog',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opt_ins', to='identity.connectedcatalog'),
        ),
        migrations.AddConstraint(
            model_name='observedfilter',
            constraint=models.UniqueConstraint(fields=('catalog', 'database', 'table', 'name'), name='filter_once'),
        ),
        migrations.AddConstraint(
            model_name='observedoptin',
            constraint=models.UniqueConstraint(fields=('catalog', 'principal_arn', 'database', 'table'), name='opt_in_once'),
        ),
        migrations.RunSQL(HALVES, migrations.RunSQL.noop),
    ]
