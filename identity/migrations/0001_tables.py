"""Tables of people, teams, accounts, roles, connected catalogs, local groups, role changes, resets of passwords and service tokens."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from audit.table_creation import CreateTables


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_tables'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name='Account',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account_id', models.CharField(max_length=12, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('partition', models.CharField(default='aws', max_length=20)),
                    ('region', models.CharField(help_text='Region for resource links.', max_length=30)),
                    ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='identity.team')),
                    ('line_of_business', models.CharField(blank=True, max_length=80)),
                    ('cost_centre', models.CharField(blank=True, max_length=40)),
                    ('environment', models.CharField(choices=[('production', 'production'), ('sandbox', 'sandbox')], default='production', max_length=20)),
                    ('is_governance', models.BooleanField(default=False)),
                    ('is_producer', models.BooleanField(default=False)),
                    ('is_consumer', models.BooleanField(default=False)),
                    ('in_organisation', models.BooleanField(default=True, help_text='Sharing needs no invitation.')),
                    ('observer_role_arn', models.CharField(max_length=300)),
                    ('executor_role_arn', models.CharField(max_length=300)),
                    ('external_id', models.CharField(max_length=120)),
                    ('table_links', models.JSONField(blank=True, default=dict, editable=False, help_text='Whether granted tables get their own links: for all databases under an empty name, for one under <catalog row>/<database>; otherwise the database gets one link.')),
                    ('gold_location', models.CharField(blank=True, db_default='', default='', help_text='S3 URI below which a producer account registers tables without an exception.', max_length=1024)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('account_id__regex', '^\\d{12}$')), name='identity_account_id_12_digits'), models.CheckConstraint(condition=models.Q(('observer_role_arn__regex', django.db.models.functions.text.Concat(models.Value('^arn:'), models.F('partition'), models.Value(':iam::'), models.F('account_id'), models.Value(':role/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$')))), name='identity_account_observer_its_own', violation_error_message='This is not a role of the account. Enter an ARN such as arn:aws:iam::<its twelve digits>:role/<name>.'), models.CheckConstraint(condition=models.Q(('executor_role_arn__regex', django.db.models.functions.text.Concat(models.Value('^arn:'), models.F('partition'), models.Value(':iam::'), models.F('account_id'), models.Value(':role/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}$')))), name='identity_account_executor_its_own', violation_error_message='This is not a role of the account. Enter an ARN such as arn:aws:iam::<its twelve digits>:role/<name>.')],
                },
            ),
            migrations.CreateModel(
                name='AccountConnection',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account_id', models.CharField(max_length=12, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('region', models.CharField(max_length=30)),
                    ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='connections', to='identity.team')),
                    ('environment', models.CharField(choices=[('production', 'production'), ('sandbox', 'sandbox')], default='production', max_length=20)),
                    ('grants', models.BooleanField(help_text='owns a catalog that others read from')),
                    ('in_organisation', models.BooleanField(default=True)),
                    ('external_id', models.CharField(max_length=120)),
                    ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='connections', to=settings.AUTH_USER_MODEL)),
                    ('requested_at', models.DateTimeField()),
                    ('registered', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='identity.account')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('account_id__regex', '^\\d{12}$')), name='identity_connection_id_12_digits')],
                },
            ),
            migrations.CreateModel(
                name='Checkup',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checkups', to='identity.account')),
                    ('connection', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checkups', to='identity.accountconnection')),
                    ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                    ('requested_at', models.DateTimeField()),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('findings', models.JSONField(db_default=[], default=list, help_text='[{kind, code, text, remedy}], see lakeformation.checkup.rules')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['id'], name='identity_checkup_waiting')],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('account', None), ('connection__isnull', False)), models.Q(('account__isnull', False), ('connection', None)), _connector='OR'), name='identity_checkup_of_one')],
                },
            ),
            migrations.CreateModel(
                name='ConnectedCatalog',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='catalogs', to='identity.account')),
                    ('region', models.CharField(max_length=30)),
                    ('path', models.CharField(blank=True, help_text="Leave empty for the account's own catalog.", max_length=255)),
                    ('kind', models.CharField(choices=[('governance', 'governance'), ('lob', 'line of business'), ('producer', 'producer')], max_length=20)),
                    ('short_name', models.SlugField(max_length=20, unique=True)),
                    ('location_role_arn', models.CharField(blank=True, help_text='Role that registers data locations.', max_length=300)),
                    ('holds_new_columns', models.BooleanField(default=False, help_text='Columns that are added later open to new whole-table grants when they are classified or when a data owner releases them.')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('account', 'region', 'path'), name='identity_catalog_once')],
                },
            ),
            migrations.CreateModel(
                name='LocalGroup',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='local_groups', to='identity.account')),
                    ('name', models.CharField(max_length=80)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('account', 'name'), name='identity_group_one_live')],
                },
            ),
            migrations.CreateModel(
                name='LocalMember',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='identity.localgroup')),
                    ('arn', models.CharField(max_length=600)),
                    ('unique_id', models.CharField(max_length=600)),
                    ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('added_at', models.DateTimeField()),
                    ('removed_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('group', 'arn'), name='identity_member_one_live')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                    ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='identity.team')),
                    ('role', models.CharField(choices=[('member', 'member'), ('developer', 'data product developer'), ('data_owner', 'data owner'), ('account_admin', 'account admin'), ('lead', 'lead')], default='member', max_length=20)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('person', 'team', 'role'), name='identity_membership_once')],
                },
            ),
            migrations.CreateModel(
                name='PasswordResetRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.CharField(help_text='As entered, in lower case; there may be no such person.', max_length=254)),
                    ('address', models.CharField(blank=True, help_text='Where the request came from, if known.', max_length=64)),
                    ('at', models.DateTimeField(db_index=True)),
                    ('answered_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'indexes': [models.Index(fields=['email', 'at'], name='identity_reset_email'), models.Index(fields=['address', 'at'], name='identity_reset_address'), models.Index(condition=models.Q(('answered_at', None)), fields=['id'], name='identity_reset_unanswered')],
                },
            ),
            migrations.CreateModel(
                name='Person',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('email', models.EmailField(max_length=254, unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('title', models.CharField(blank=True, max_length=120)),
                    ('is_active', models.BooleanField(default=True)),
                    ('is_staff', models.BooleanField(default=False, help_text='can open the administration pages')),
                    ('session_version', models.PositiveIntegerField(default=0, editable=False, help_text='Sessions of an earlier version have ended.')),
                    ('language', models.CharField(blank=True, db_default='', default='', editable=False, help_text='code of the language of pages; empty: as the browser asks', max_length=10)),
                    ('is_external', models.BooleanField(db_default=False, default=False, help_text='from a partner organisation: sees only products that are open to people from outside')),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name_plural': 'people',
                },
            ),
            migrations.CreateModel(
                name='PlatformRole',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='platform_roles', to=settings.AUTH_USER_MODEL)),
                    ('role', models.CharField(choices=[('governance_admin', 'governance admin'), ('steward', 'steward'), ('privacy', 'privacy officer'), ('auditor', 'auditor')], max_length=20)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('person', 'role'), name='identity_role_once')],
                },
            ),
            migrations.CreateModel(
                name='Principal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='principals', to='identity.account')),
                    ('arn', models.CharField(max_length=600)),
                    ('name', models.CharField(max_length=128)),
                    ('unique_id', models.CharField(max_length=64, unique=True)),
                    ('first_seen_at', models.DateTimeField()),
                    ('gone_at', models.DateTimeField(blank=True, null=True)),
                    ('tags', models.JSONField(blank=True, null=True)),
                    ('tags_read_at', models.DateTimeField(blank=True, null=True)),
                    ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=128), blank=True, default=list, size=None)),
                    ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('is_portal', models.BooleanField(db_default=False, default=False, editable=False, help_text="One of the portal's own roles; never a recipient.")),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('gone_at__isnull', True)), fields=('arn',), name='identity_principal_one_live')],
                },
            ),
            migrations.CreateModel(
                name='RoleChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('membership', 'role in a team'), ('platform_role', 'role across the mesh'), ('administration', 'access to the administration pages'), ('account', 'roles and team of an account'), ('domain', 'team that owns a domain'), ('database', 'domain of a database'), ('product', 'domain of a data product'), ('password', 'password set by someone else')], max_length=20)),
                    ('what', models.CharField(help_text='In words, without the person.', max_length=400)),
                    ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='role_changes', to=settings.AUTH_USER_MODEL)),
                    ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.team')),
                    ('role', models.CharField(blank=True, max_length=20)),
                    ('row_id', models.BigIntegerField(blank=True, null=True)),
                    ('wanted', models.JSONField(default=dict)),
                    ('before', models.JSONField(default=dict)),
                    ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('proposed_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('waiting', 'waiting for a second governor'), ('confirmed', 'in effect'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('expired', 'expired')], default='waiting', max_length=20)),
                    ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('decided_at', models.DateTimeField(blank=True, null=True)),
                    ('at_once', models.BooleanField(default=False)),
                    ('bars_until', models.DateTimeField(blank=True, null=True)),
                    ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('bars_until__isnull', False)), fields=['bars_until'], name='role_change_bars')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('kind', 'person', 'team', 'role', 'row_id'), name='role_change_waits_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('at_once', True), ('decided_by', None), ('state', 'confirmed')), models.Q(('at_once', False), ('decided_by', None), ('state__in', ['waiting', 'expired'])), models.Q(('at_once', False), ('decided_by__isnull', False), models.Q(('state__in', ['waiting', 'expired']), _negated=True)), _connector='OR'), name='role_change_has_its_decider'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), ('at_once', True), models.Q(models.Q(('decided_by', models.F('proposed_by')), _negated=True), models.Q(('person', None), models.Q(('decided_by', models.F('person')), _negated=True), _connector='OR')), _connector='OR'), name='role_change_second_governor'), models.CheckConstraint(condition=models.Q(('bars_until', None), ('state', 'confirmed'), _connector='OR'), name='role_change_bars_in_effect')],
                },
            ),
            migrations.CreateModel(
                name='ServiceToken',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(help_text='the service that uses it', max_length=120)),
                    ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('lineage:write', 'send lineage events'), ('quality:write', 'send quality results'), ('data:read', 'run queries of the data API'), ('data:credentials', 'get temporary credentials for tables'), ('changes:read', 'read the change feed')], max_length=20), size=None)),
                    ('hint', models.CharField(help_text='first characters of the secret, to recognise it', max_length=12)),
                    ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('created_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField()),
                    ('last_used_at', models.DateTimeField(blank=True, help_text='at most a minute before the last call', null=True)),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_tokens', to='identity.team')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('scopes__len__gt', 0)), name='service_token_has_scopes'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='service_token_ends_after_its_start'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='service_token_revoked_by_somebody')],
                },
            ),
            migrations.CreateModel(
                name='SignInAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('email', models.CharField(help_text='As entered, in lower case; there may be no such person.', max_length=254)),
                    ('address', models.CharField(blank=True, help_text='Where the attempt came from, if known.', max_length=64)),
                    ('at', models.DateTimeField(db_index=True)),
                ],
                options={
                    'verbose_name': 'sign-in attempt',
                    'verbose_name_plural': 'sign-in attempts',
                    'indexes': [models.Index(fields=['email', 'at'], name='identity_attempt_email'), models.Index(fields=['address', 'at'], name='identity_attempt_address')],
                },
            ),
            migrations.CreateModel(
                name='Team',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(unique=True)),
                    ('name', models.CharField(max_length=120)),
                    ('cost_centre', models.CharField(blank=True, db_default='', default='', help_text="Bears the costs of the team's accounts that have no cost centre of their own.", max_length=40)),
                    ('members', models.ManyToManyField(related_name='teams', through='identity.Membership', to=settings.AUTH_USER_MODEL)),
                ],
            ),
        ]),
    ]
