"""Role changes, which a second governor confirms; roles of an account are its own."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_database_roles'),
        ('identity', '0005_service_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='RoleChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('membership', 'role in a team'), ('platform_role', 'role across the mesh'), ('administration', 'entry to the administration pages'), ('account', 'roles and team of an account'), ('domain', 'team that owns a domain'), ('database', 'domain of a database'), ('product', 'domain of a data product'), ('password', 'password set by somebody else')], max_length=20)),
                ('what', models.CharField(help_text='in words, without the person', max_length=400)),
                ('role', models.CharField(blank=True, max_length=20)),
                ('row_id', models.BigIntegerField(blank=True, null=True)),
                ('wanted', models.JSONField(default=dict)),
                ('before', models.JSONField(default=dict)),
                ('proposed_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'waiting for a second governor'), ('confirmed', 'in effect'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('expired', 'expired: nobody confirmed it in time')], default='waiting', max_length=20)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('at_once', models.BooleanField(default=False)),
                ('bars_until', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('observer_role_arn__regex', django.db.models.functions.text.Concat(models.Value('^arn:'), models.F('partition'), models.Value(':iam::'), models.F('account_id'), models.Value(':role/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$')))), name='identity_account_observer_its_own', violation_error_message='This is no role of the account: arn:aws:iam::<its twelve digits>:role/<name>.'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('executor_role_arn__regex', django.db.models.functions.text.Concat(models.Value('^arn:'), models.F('partition'), models.Value(':iam::'), models.F('account_id'), models.Value(':role/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$')))), name='identity_account_executor_its_own', violation_error_message='This is no role of the account: arn:aws:iam::<its twelve digits>:role/<name>.'),
        ),
        migrations.AddField(
            model_name='rolechange',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rolechange',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event'),
        ),
        migrations.AddField(
            model_name='rolechange',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='role_changes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rolechange',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rolechange',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.team'),
        ),
        migrations.AddIndex(
            model_name='rolechange',
            index=models.Index(condition=models.Q(('bars_until__isnull', False)), fields=['bars_until'], name='role_change_bars'),
        ),
        migrations.AddConstraint(
            model_name='rolechange',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('kind', 'person', 'team', 'role', 'row_id'), name='role_change_waits_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='rolechange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('at_once', True), ('decided_by', None), ('state', 'confirmed')), models.Q(('at_once', False), ('decided_by', None), ('state__in', ['waiting', 'expired'])), models.Q(('at_once', False), ('decided_by__isnull', False), models.Q(('state__in', ['waiting', 'expired']), _negated=True)), _connector='OR'), name='role_change_has_its_decider'),
        ),
        migrations.AddConstraint(
            model_name='rolechange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), ('at_once', True), models.Q(models.Q(('decided_by', models.F('proposed_by')), _negated=True), models.Q(('person', None), models.Q(('decided_by', models.F('person')), _negated=True), _connector='OR')), _connector='OR'), name='role_change_second_governor'),
        ),
        migrations.AddConstraint(
            model_name='rolechange',
            constraint=models.CheckConstraint(condition=models.Q(('bars_until', None), ('state', 'confirmed'), _connector='OR'), name='role_change_bars_in_effect'),
        ),
    ]
