"""The mirror of Glue, data products, offers, and what searches read."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_initial'),
        ('identity', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alteration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('catalog', 'what searches show'), ('waiting', 'what waits for a decision')], db_default='catalog', max_length=10)),
                ('mark', models.BigIntegerField(help_text='drawn by lot')),
            ],
        ),
        migrations.CreateModel(
            name='CachedPrefix',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.TextField()),
                ('completions', models.JSONField(help_text='[kind, label, slug] of each', null=True)),
                ('witnesses', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='documents that contain the completions', size=None)),
            ],
            options={
                'verbose_name_plural': 'cached prefixes',
                'indexes': [models.Index(fields=['prefix'], name='catalog_prefix'), django.contrib.postgres.indexes.GinIndex(fields=['witnesses'], name='catalog_prefix_witnesses')],
            },
        ),
        migrations.CreateModel(
            name='Domain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('line_of_business', models.CharField(blank=True, max_length=80)),
                ('owner_team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='domains', to='identity.team')),
                ('decide_within_hours', models.PositiveSmallIntegerField(blank=True, help_text='Hours within which data owners promise to decide. Leave empty for the default; 0 means no promise.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Database',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='databases', to='identity.connectedcatalog')),
                ('domain', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='databases', to='catalog.domain')),
                ('name', models.CharField(max_length=255)),
                ('description', models.TextField(blank=True)),
                ('location', models.CharField(blank=True, max_length=1024)),
                ('parameters', models.JSONField(default=dict)),
                ('tags', models.JSONField(default=dict, help_text='LF-Tags assigned to it.')),
                ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list, help_text='see `catalog.mirror.snapshot.TEXT_FLAGS`', size=None)),
                ('glue_created_at', models.CharField(help_text="Glue's CreateTime in UTC (ISO 8601); identifies the object.", max_length=40)),
                ('digest', models.CharField(max_length=64)),
                ('tombstoned_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('tombstoned_at__isnull', True)), fields=('catalog', 'name'), name='catalog_database_one_live')],
            },
        ),
        migrations.CreateModel(
            name='Table',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('database', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tables', to='catalog.database')),
                ('name', models.CharField(max_length=255)),
                ('kind', models.CharField(blank=True, help_text="Glue's TableType.", max_length=40)),
                ('description', models.TextField(blank=True)),
                ('owner', models.CharField(blank=True, max_length=255)),
                ('created_by', models.CharField(blank=True, help_text="Glue's CreatedBy: has full access without a permission.", max_length=2048)),
                ('location', models.CharField(blank=True, max_length=1024)),
                ('data_format', models.CharField(blank=True, max_length=40)),
                ('parameters', models.JSONField(default=dict)),
                ('storage', models.JSONField(default=dict, help_text='Reader, writer, serde, buckets and sort order.')),
                ('view', models.JSONField(default=dict, help_text='For a view: SQL, definer and the tables it reads; empty for a table.')),
                ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), default=list, help_text='see `catalog.mirror.snapshot.TEXT_FLAGS`', size=None)),
                ('tags', models.JSONField(default=dict, help_text='Effective LF-Tags of the table, assigned or inherited.')),
                ('classification', models.CharField(blank=True, choices=[('public', 'public'), ('private', 'private'), ('sensitive', 'sensitive')], max_length=10)),
                ('classes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('public', 'public'), ('private', 'private'), ('sensitive', 'sensitive')], max_length=10), default=list, help_text='Each classification of the table and its columns, once. Used by search.', size=None)),
                ('glue_created_at', models.CharField(max_length=40)),
                ('glue_version', models.CharField(blank=True, max_length=40)),
                ('glue_updated_at', models.CharField(blank=True, max_length=40)),
                ('iceberg_uuid', models.CharField(blank=True, help_text='Also identifies the object, if known.', max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('tombstoned_at', models.DateTimeField(blank=True, null=True)),
                ('succeeded_by', models.ForeignKey(blank=True, help_text='New name of a removed table.', null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.table')),
                ('mirrored_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('tombstoned_at__isnull', True)), fields=('database', 'name'), name='catalog_table_one_live')],
            },
        ),
        migrations.CreateModel(
            name='Column',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='columns', to='catalog.table')),
                ('position', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=255)),
                ('type', models.TextField()),
                ('comment', models.TextField(blank=True)),
                ('is_partition_key', models.BooleanField(default=False)),
                ('tags', models.JSONField(default=dict, help_text='Effective LF-Tags of the column.')),
                ('classification', models.CharField(blank=True, choices=[('public', 'public'), ('private', 'private'), ('sensitive', 'sensitive')], max_length=10)),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('table', 'name'), name='catalog_column_once')],
            },
        ),
        migrations.CreateModel(
            name='DataProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=160)),
                ('summary', models.CharField(max_length=240)),
                ('description', models.TextField(blank=True)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.domain')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to=settings.AUTH_USER_MODEL)),
                ('tier', models.CharField(choices=[('bronze', 'bronze'), ('silver', 'silver'), ('gold', 'gold')], default='gold', max_length=10)),
                ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('refresh', models.CharField(blank=True, help_text='In words, such as hourly or each working day.', max_length=60)),
                ('is_published', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('visibility', models.SmallIntegerField(default=0)),
                ('kind', models.CharField(help_text='product, table or view', max_length=8)),
                ('name', models.CharField(help_text='in lower case, to sort by', max_length=255)),
                ('domain', models.BigIntegerField(null=True)),
                ('account', models.BigIntegerField(help_text='of a table, the account of its catalog', null=True)),
                ('tier', models.CharField(max_length=256, null=True)),
                ('region', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None)),
                ('format', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('tag', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, help_text='key=value', size=None)),
                ('classification', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None)),
                ('fresh', models.CharField(blank=True, max_length=40)),
                ('is_empty', models.BooleanField(default=False, help_text='a product without tables')),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('teams', models.PositiveIntegerField(db_default=0, help_text='that use it; see `catalog.usage.popularity`')),
                ('completeness', models.PositiveSmallIntegerField(db_default=0, help_text='0 to 100; see `catalog.search.index.completeness`')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(condition=models.Q(('visibility', 1)), fields=['search'], name='catalog_document_search')],
            },
        ),
        migrations.CreateModel(
            name='FacetCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visibility', models.SmallIntegerField()),
                ('part', models.CharField(help_text='place, total, tier, region, format, tag, day, empty …', max_length=16)),
                ('domain', models.BigIntegerField(null=True)),
                ('account', models.BigIntegerField(null=True)),
                ('value', models.TextField(blank=True)),
                ('documents', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['visibility'], name='catalog_facetcount_visibility')],
            },
        ),
        migrations.CreateModel(
            name='IndexedWord',
            fields=[
                ('word', models.TextField(primary_key=True, serialize=False)),
                ('documents', models.PositiveIntegerField(help_text='visible products and tables that contain it')),
                ('trigrams', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['trigrams'], name='catalog_word_trigrams')],
            },
        ),
        migrations.CreateModel(
            name='LastUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='last_uses', to='identity.connectedcatalog')),
                ('reader', models.CharField(max_length=64)),
                ('account', models.CharField(max_length=12)),
                ('database', models.CharField(max_length=255)),
                ('table', models.CharField(max_length=255)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['reader', 'catalog'], name='catalog_last_use_by_reader')],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'database', 'table', 'reader'), name='catalog_last_use_once')],
            },
        ),
        migrations.CreateModel(
            name='Location',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='locations', to='identity.connectedcatalog')),
                ('arn', models.CharField(max_length=1200)),
                ('role_arn', models.CharField(blank=True, max_length=300)),
                ('is_hybrid', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('catalog', 'arn'), name='catalog_location_once')],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='catalog.dataproduct')),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='catalog.domain')),
            ],
        ),
        migrations.CreateModel(
            name='OfferTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='catalog.offer')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField()),
            ],
            options={
                'verbose_name_plural': 'offer terms',
                'constraints': [models.UniqueConstraint(fields=('offer', 'number'), name='offer_terms_number_once'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='offer_terms_say_something')],
            },
        ),
        migrations.CreateModel(
            name='OfferVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.offer')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('summary', models.CharField(blank=True, max_length=240)),
                ('scope', models.CharField(choices=[('tables', 'tables by name'), ('database', 'all tables of a database, including future ones'), ('tags', 'everything with certain LF-Tags')], max_length=10)),
                ('database', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.database')),
                ('catalog', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.connectedcatalog')),
                ('tags', models.JSONField(blank=True, default=dict, help_text='LF-Tags: values by key; all keys must match.')),
                ('highest_class', models.CharField(choices=[('public', 'public'), ('private', 'private'), ('sensitive', 'sensitive')], max_length=10)),
                ('future_columns', models.BooleanField(default=False, help_text='The whole table, including future columns.')),
                ('row_template', models.TextField(blank=True, default='', help_text='see `lakeformation.values.row_filter_templates`')),
                ('row_values', models.JSONField(blank=True, default=dict, help_text='Values to choose from, by name.')),
                ('uses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('query', 'query'), ('metadata', 'metadata only'), ('data_api', 'data API'), ('training', 'train models'), ('export', 'copies outside the lake')], max_length=10), size=None)),
                ('longest_hours', models.PositiveIntegerField()),
                ('terms', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='catalog.offerterms')),
                ('automatic', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('retired', 'retired')], default='draft', max_length=10)),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('written_at', models.DateTimeField()),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('offer', 'number'), name='offer_version_number_once'), models.UniqueConstraint(condition=models.Q(('state', 'retired'), _negated=True), fields=('offer', 'state'), name='offer_version_one_of_a_state'), models.CheckConstraint(condition=models.Q(models.Q(('catalog', None), ('database', None), ('scope', 'tables'), ('tags', {})), models.Q(('catalog', None), ('database__isnull', False), ('scope', 'database'), ('tags', {})), models.Q(('catalog__isnull', False), ('database', None), ('scope', 'tags'), models.Q(('tags', {}), _negated=True)), _connector='OR'), name='offer_version_scope'), models.CheckConstraint(condition=models.Q(('future_columns', False), ('highest_class', 'sensitive'), _connector='OR'), name='offer_version_future_may_be_sensitive'), models.CheckConstraint(condition=models.Q(models.Q(('uses', []), _negated=True), ('longest_hours__gte', 1)), name='offer_version_gives_something'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('retired_at', None), ('state', 'draft')), models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('retired_at', None), ('state', 'published')), models.Q(('retired_at__isnull', False), ('retired_by__isnull', False), ('state', 'retired')), _connector='OR'), name='offer_version_state_has_its_person')],
            },
        ),
        migrations.CreateModel(
            name='OfferTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tables', to='catalog.offerversion')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.table')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'table'), name='offer_table_once')],
            },
        ),
        migrations.CreateModel(
            name='ProductTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='product_tables', to='catalog.dataproduct')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='product_tables', to='catalog.table')),
                ('position', models.PositiveIntegerField(default=1)),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('product', 'table'), name='catalog_product_table_once')],
            },
        ),
        migrations.CreateModel(
            name='RankingWeights',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.FloatField(default=1.0, help_text='a word in the name', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                ('words', models.FloatField(default=0.4, help_text='in summary, description, keywords, domain, owner, database', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                ('parts', models.FloatField(default=0.15, help_text='in the tables of a product, in columns and their comments', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                ('popularity', models.FloatField(default=0.2, help_text='used by 20 teams or more; a part of it for fewer', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                ('completeness', models.FloatField(default=0.1, help_text='everything is described; a part of it for less', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                ('own_domain', models.FloatField(default=0.1, help_text='of a domain whose owner team the person is in', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)])),
                ('reason', models.CharField(help_text='why these', max_length=240)),
                ('set_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField(editable=False)),
            ],
            options={
                'verbose_name_plural': 'ranking weights',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__range', (0, 1)), ('words__range', (0, 1)), ('parts__range', (0, 1)), ('popularity__range', (0, 1)), ('completeness__range', (0, 1)), ('own_domain__range', (0, 1))), name='catalog_ranking_weights_0_to_1')],
            },
        ),
        migrations.CreateModel(
            name='RecentSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recent_searches', to=settings.AUTH_USER_MODEL)),
                ('querystring', models.TextField()),
                ('text', models.TextField(help_text='what stood in the box')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'recent searches',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('person', 'querystring'), name='catalog_recent_search_once')],
            },
        ),
        migrations.CreateModel(
            name='ResourceLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='identity.connectedcatalog')),
                ('database', models.CharField(blank=True, help_text="Where the table's link is.", max_length=255)),
                ('name', models.CharField(max_length=255)),
                ('target_catalog', models.CharField(help_text='Account, with the path of a nested catalog.', max_length=300)),
                ('target_region', models.CharField(blank=True, max_length=30)),
                ('target_database', models.CharField(max_length=255)),
                ('target_table', models.CharField(blank=True, max_length=255)),
                ('leads_to_database', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.database')),
                ('leads_to_table', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.table')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('catalog', 'database', 'name'), name='catalog_link_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_searches', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=80)),
                ('querystring', models.TextField(help_text='see `SearchQuery.to_querystring`')),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'saved searches',
                'ordering': ['name', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('person', 'name'), name='catalog_saved_search_once')],
            },
        ),
        migrations.CreateModel(
            name='SchemaChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schema_changes', to='catalog.table')),
                ('seen_at', models.DateTimeField()),
                ('version_before', models.CharField(blank=True, max_length=40)),
                ('version_after', models.CharField(blank=True, max_length=40)),
                ('is_breaking', models.BooleanField()),
                ('changes', models.JSONField(help_text='A list of {what, name, before, after, breaking}.')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SyncRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sync_runs', to='identity.connectedcatalog')),
                ('database', models.CharField(blank=True, help_text='Only this database; empty for all.', max_length=255)),
                ('may_tombstone', models.BooleanField(default=False, help_text='A person continued it after a pause.')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('paused', 'waits for a person'), ('dropped', 'dropped')], default='running', max_length=10)),
                ('databases', models.PositiveIntegerField(default=0)),
                ('tables', models.PositiveIntegerField(default=0)),
                ('pages', models.PositiveIntegerField(default=0)),
                ('pages_expected', models.PositiveIntegerField(default=0, help_text='Estimated from the last run.')),
                ('made', models.PositiveIntegerField(default=0, help_text='New tables among those changed.')),
                ('changed', models.PositiveIntegerField(default=0)),
                ('tombstoned', models.PositiveIntegerField(default=0)),
                ('held', models.PositiveIntegerField(default=0, help_text='Tables that a paused run would mark as removed.')),
                ('principals', models.PositiveIntegerField(default=0)),
                ('words_counted_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
            ],
            options={
                'indexes': [models.Index(fields=['catalog', '-id'], name='catalog_sync_latest')],
            },
        ),
        migrations.CreateModel(
            name='SyncProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='problems', to='catalog.syncrun')),
                ('database', models.CharField(max_length=255)),
                ('error', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='SyncSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sync_settings', to='identity.connectedcatalog')),
                ('pause_percent', models.PositiveSmallIntegerField(default=20, help_text='A sync run that would remove more than this share of the tables waits for a person.')),
                ('events_queue_url', models.CharField(blank=True, help_text="SQS queue that receives Glue's events from EventBridge. Optional.", max_length=512)),
            ],
            options={
                'verbose_name_plural': 'sync settings',
            },
        ),
        migrations.CreateModel(
            name='TableStatistics',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='statistics', to='catalog.table')),
                ('columns', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True)),
                ('read_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'table statistics',
            },
        ),
        migrations.CreateModel(
            name='Term',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('definition', models.TextField()),
                ('synonyms', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, help_text='Synonyms, separated by commas.', size=None)),
                ('owner_team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='identity.team')),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False, help_text='stems of name and synonyms, each with blanks', size=None)),
            ],
            options={
                'ordering': ['name'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['keys'], name='catalog_term_keys')],
            },
        ),
        migrations.CreateModel(
            name='TermLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='catalog.term')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='term_links', to='catalog.dataproduct')),
                ('table', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='term_links', to='catalog.table')),
                ('column', models.CharField(blank=True, help_text='Column of the table. Leave empty for the whole table.', max_length=255)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('column', ''), ('product__isnull', False), ('table__isnull', True)), models.Q(('product__isnull', True), ('table__isnull', False)), _connector='OR'), name='catalog_term_link_one_end'), models.UniqueConstraint(fields=('term', 'product', 'table', 'column'), name='catalog_term_link_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='TermsAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accepted_terms', to=settings.AUTH_USER_MODEL)),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='catalog.offerterms')),
                ('accepted_at', models.DateTimeField()),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'terms'), name='terms_accepted_once')],
            },
        ),
        migrations.CreateModel(
            name='Trail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='trail', to='identity.connectedcatalog')),
                ('bucket', models.CharField(blank=True, help_text="The observer's role must be able to read it. Leave empty to stop reading.", max_length=63, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\\Z', 'This is not the name of a bucket.')])),
                ('bucket_region', models.CharField(blank=True, help_text="Leave empty for the catalog's own.", max_length=30)),
                ('folder', models.CharField(default='AWSLogs', help_text="The part of the key before the account's id: the trail's prefix, if any, and AWSLogs.", max_length=255, validators=[django.core.validators.RegexValidator('\\A(?!/)(?!.*//)[^\\x00-\\x1f]*AWSLogs(/o-[a-z0-9]{10,32})?\\Z', 'It ends with AWSLogs, or with AWSLogs/o-… for a trail of an organization.')])),
                ('read_since', models.DateField(default=django.utils.timezone.localdate, help_text='Files of earlier days are not read (UTC).')),
            ],
        ),
        migrations.CreateModel(
            name='TrailReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trail', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reading', to='catalog.trail')),
                ('place', models.CharField(max_length=400)),
                ('since', models.DateTimeField(blank=True, null=True)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('position', models.DateTimeField()),
                ('recent', models.JSONField(default=list)),
                ('files', models.PositiveIntegerField(default=0, help_text='Read so far.')),
                ('looked_at', models.DateTimeField()),
                ('trouble', models.TextField(blank=True, help_text='Why the files could not be read; empty if they could.')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('since', None), ('until', None)), ('since__lte', models.F('until')), _connector='OR'), name='catalog_trail_since_until')],
            },
        ),
        migrations.AddField(
            model_name='dataproduct',
            name='tables',
            field=models.ManyToManyField(related_name='products', through='catalog.ProductTable', to='catalog.table'),
        ),
    ]
