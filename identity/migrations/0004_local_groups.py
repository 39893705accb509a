"""Local groups of accounts, and who is in them. The web writes them; the workers only read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON identity_localgroup, identity_localmember FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE DELETE ON identity_localgroup, identity_localmember FROM meshmarket_web;
  END IF;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('identity', '0003_connections_and_checkups'),
    ]

    operations = [
        migrations.CreateModel(
            name='LocalGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='local_groups', to='identity.account')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LocalMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arn', models.CharField(max_length=600)),
                ('unique_id', models.CharField(max_length=600)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='identity.localgroup')),
            ],
        ),
        migrations.AddConstraint(
            model_name='localgroup',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('account', 'name'), name='identity_group_one_live'),
        ),
        migrations.AddConstraint(
            model_name='localmember',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('group', 'arn'), name='identity_member_one_live'),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
