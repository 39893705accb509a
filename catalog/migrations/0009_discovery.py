"""Who may see and request a product."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0008_glossary'),
        ('fulfilment', '0001_initial'),
        ('identity', '0005_person_is_external'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DiscoveryTeam',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('may_request', models.BooleanField(default=False)),
            ],
        ),
        migrations.RemoveIndex(
            model_name='document',
            name='catalog_document_search',
        ),
        migrations.AddField(
            model_name='dataproduct',
            name='seen_by',
            field=models.CharField(choices=[('everyone', 'everyone, including people outside the organisation'), ('organisation', 'everyone in the organisation'), ('line', 'the line of business'), ('domain', "the domain's team"), ('teams', 'selected teams')], db_default='organisation', default='organisation', editable=False, help_text="Who may see it, besides the domain's team and who holds access.", max_length=12),
        ),
        migrations.AddField(
            model_name='dataproduct',
            name='requested_by',
            field=models.CharField(choices=[('everyone', 'everyone, including people outside the organisation'), ('organisation', 'everyone in the organisation'), ('line', 'the line of business'), ('domain', "the domain's team"), ('teams', 'selected teams')], db_default='organisation', default='organisation', editable=False, help_text='Who of them may request it.', max_length=12),
        ),
        migrations.AlterField(
            model_name='document',
            name='visibility',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='facetcount',
            name='visibility',
            field=models.BigIntegerField(),
        ),
        migrations.AddIndex(
            model_name='document',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('visibility__gt', 0)), fields=['search'], name='catalog_document_search'),
        ),
        migrations.AddConstraint(
            model_name='dataproduct',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('requested_by__in', ('everyone', 'organisation', 'line', 'domain', 'teams')), ('seen_by', 'everyone')), models.Q(('requested_by__in', ('organisation', 'line', 'domain', 'teams')), ('seen_by', 'organisation')), models.Q(('requested_by__in', ('line', 'domain', 'teams')), ('seen_by', 'line')), models.Q(('requested_by__in', ('domain',)), ('seen_by', 'domain')), models.Q(('requested_by__in', ('domain', 'teams')), ('seen_by', 'teams')), _connector='OR'), name='product_requested_by_who_sees_it'),
        ),
        migrations.AddField(
            model_name='discoveryteam',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='discovery_teams', to='catalog.dataproduct'),
        ),
        migrations.AddField(
            model_name='discoveryteam',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.team'),
        ),
        migrations.AddField(
            model_name='dataproduct',
            name='audience',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(seen_by='organisation', then=models.Value(1)), models.When(seen_by='everyone', then=models.Value(2)), default=django.db.models.expressions.CombinedExpression(models.F('id'), '+', models.Value(2))), help_text='Equal for products that the same people see; compared with `catalog_audience`.', output_field=models.BigIntegerField()),
        ),
        migrations.AddIndex(
            model_name='dataproduct',
            index=models.Index(condition=models.Q(('seen_by__in', ('everyone', 'organisation')), _negated=True), fields=['audience'], name='product_limited'),
        ),
        migrations.AddConstraint(
            model_name='discoveryteam',
            constraint=models.UniqueConstraint(fields=('product', 'team'), name='discovery_team_once'),
        ),
        migrations.RunSQL((SQL / "discovery.sql").read_text()),
    ]
