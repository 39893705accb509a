"""Where trails leave their files, how far these are read, and who used which table last."""


import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON catalog_trail FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON catalog_trailreading, catalog_lastuse FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_beginnings'),
        ('identity', '0002_local_groups'),
    ]

    operations = [
        migrations.CreateModel(
            name='Trail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bucket', models.CharField(blank=True, help_text="the observer's role must be able to read it; empty: nothing is read any more", max_length=63, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\\Z', 'This is not the name of a bucket.')])),
                ('bucket_region', models.CharField(blank=True, help_text="empty: the catalog's own", max_length=30)),
                ('folder', models.CharField(default='AWSLogs', help_text="what comes before the account's number: the trail's prefix, if it has one, and AWSLogs", max_length=255, validators=[django.core.validators.RegexValidator('\\A(?!/)(?!.*//)[^\\x00-\\x1f]*AWSLogs(/o-[a-z0-9]{10,32})?\\Z', 'It ends with AWSLogs, or with AWSLogs/o-… for a trail of an organisation.')])),
                ('read_since', models.DateField(default=django.utils.timezone.localdate, help_text='files of earlier days are not read (UTC)')),
                ('catalog', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='trail', to='identity.connectedcatalog')),
            ],
        ),
        migrations.CreateModel(
            name='LastUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(max_length=64)),
                ('account', models.CharField(max_length=12)),
                ('database', models.CharField(max_length=255)),
                ('table', models.CharField(max_length=255)),
                ('at', models.DateTimeField()),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='last_uses', to='identity.connectedcatalog')),
            ],
            options={
                'indexes': [models.Index(fields=['reader', 'catalog'], name='catalog_last_use_by_reader')],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'database', 'table', 'reader'), name='catalog_last_use_once')],
            },
        ),
        migrations.CreateModel(
            name='TrailReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=400)),
                ('since', models.DateTimeField(blank=True, null=True)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('position', models.DateTimeField()),
                ('recent', models.JSONField(default=list)),
                ('files', models.PositiveIntegerField(default=0, help_text='read so far')),
                ('looked_at', models.DateTimeField()),
                ('trouble', models.TextField(blank=True, help_text='why the files cannot be read; empty while they can')),
                ('trail', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reading', to='catalog.trail')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('since', None), ('until', None)), ('since__lte', models.F('until')), _connector='OR'), name='catalog_trail_since_until')],
            },
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
