"""Less than was asked, changes of an ask, and words on it. Each item has an end of its own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ENDS = "UPDATE requests_item i SET ends_at = r.ends_at FROM requests_accessrequest r WHERE r.id = i.request_id"
KEPT = """
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['meshmarket_web', 'meshmarket_worker'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      EXECUTE format('REVOKE UPDATE, DELETE ON requests_change, requests_remark FROM %I', named);
    END IF;
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('requests', '0004_basket'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='item',
            name='ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(ENDS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='item',
            name='ends_at',
            field=models.DateTimeField(help_text="the request's, unless a decision or a change made it another"),
        ),
        migrations.AlterField(
            model_name='item',
            name='state',
            field=models.CharField(choices=[('submitted', 'waiting for the owner'), ('returned', 'back with who asked, for a change'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], default='submitted', max_length=12),
        ),
        migrations.AddField(
            model_name='decision',
            name='trial_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='a yes for a trial: for so many days', null=True),
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('comment', models.TextField(blank=True)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='requests.item')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={'ordering': ['pk']},
        ),
        migrations.CreateModel(
            name='Remark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('said_at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('comment', 'comment'), ('return', 'asks for a change')], max_length=10)),
                ('text', models.TextField()),
                ('key', models.CharField(help_text="the form's own key: a double submit is one", max_length=64)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='remarks', to='requests.item')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('item', 'author', 'key'), name='remark_said_once'),
                    models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='remark_says_something'),
                ],
            },
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
