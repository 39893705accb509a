"""Derivation requests have the columns and states of all decisions."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_requests_of_people'),
        ('catalog', '0013_tag_change_states'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='derivationrequest',
            name='derivation_decided_by_somebody',
        ),
        migrations.RemoveConstraint(
            model_name='derivationrequest',
            name='derivation_state_says_its_end',
        ),
        migrations.RunSQL((SQL / "derivation_0014.sql").read_text()),
        migrations.AddField(
            model_name='derivationrequest',
            name='effects_hash',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='derivationrequest',
            name='event',
            field=models.OneToOneField(blank=True, help_text='of the decision', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AlterField(
            model_name='derivationrequest',
            name='state',
            field=models.CharField(choices=[('waiting', 'waiting'), ('approved', 'approved'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('ended', 'ended'), ('lapsed', 'lapsed')], default='waiting', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='derivationrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state__in', ['waiting', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'rejected', 'ended', 'lapsed'])), _connector='OR'), name='derivation_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='derivationrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('state__in', ['waiting', 'approved', 'rejected'])), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state__in', ['withdrawn', 'ended'])), models.Q(('ended_at__isnull', False), ('ended_by', None), ('ends_on__isnull', False), ('state', 'lapsed')), _connector='OR'), name='derivation_state_says_its_end'),
        ),
    ]
