"""Derivation requests, warnings, and whether products may be passed on."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0025_usage_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dataproduct',
            name='passing_on',
            field=models.CharField(choices=[('allowed', 'allowed'), ('same_terms', 'allowed under the same terms'), ('with_approval', 'only with our approval'), ('forbidden', 'not allowed')], db_default='same_terms', default='same_terms', help_text='Whether data products made from it may be passed on.', max_length=14),
        ),
        migrations.CreateModel(
            name='DerivationWarning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('found', models.JSONField(default=list)),
                ('warned_at', models.DateTimeField()),
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='derivation_warning', to='catalog.dataproduct')),
            ],
        ),
        migrations.CreateModel(
            name='DerivationRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', models.JSONField(default=list)),
                ('passed_on', models.JSONField(default=list)),
                ('reason', models.TextField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('revoked', 'revoked'), ('expired', 'expired')], default='waiting', max_length=10)),
                ('requested_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('comment', models.TextField(blank=True)),
                ('ends_on', models.DateField(blank=True, help_text='The last day of an approval.', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.TextField(blank=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='derivation_requests', to='catalog.domain')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='derivation_requests', to='catalog.dataproduct')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'approved')), fields=['product'], name='derivation_approved'), models.Index(condition=models.Q(('state', 'waiting')), fields=['domain'], name='derivation_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('product', 'domain'), name='derivation_one_waiting'), models.CheckConstraint(condition=models.Q(models.Q(('columns', []), ('passed_on', []), _negated=True), models.Q(('reason', ''), _negated=True)), name='derivation_asks_something'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR'), name='derivation_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state__in', ['waiting', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'rejected', 'revoked', 'expired'])), _connector='OR'), name='derivation_decided_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('state__in', ['waiting', 'approved', 'rejected'])), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state__in', ['withdrawn', 'revoked'])), models.Q(('ended_at__isnull', False), ('ended_by', None), ('ends_on__isnull', False), ('state', 'expired')), _connector='OR'), name='derivation_state_says_its_end')],
            },
        ),
        migrations.RunSQL((SQL / "derivation.sql").read_text()),
    ]
