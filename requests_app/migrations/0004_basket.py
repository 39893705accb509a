"""The basket: what a person collects for a team before asking."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_glossary_and_kept_searches'),
        ('identity', '0003_connections_and_checkups'),
        ('requests', '0003_rows_and_metadata'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Basket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0)),
                ('purpose', models.TextField(blank=True, help_text='as typed so far')),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='baskets', to=settings.AUTH_USER_MODEL)),
                ('principal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.principal')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='baskets', to='identity.team')),
            ],
        ),
        migrations.CreateModel(
            name='BasketItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), default=list, size=None)),
                ('whole_table', models.BooleanField(default=False)),
                ('row_rule', models.TextField(blank=True, default='')),
                ('metadata_only', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField()),
                ('basket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='requests.basket')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.dataproduct')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.table')),
            ],
        ),
        migrations.AddConstraint(
            model_name='basket',
            constraint=models.UniqueConstraint(fields=('person', 'team'), name='basket_of_person_and_team'),
        ),
        migrations.AddConstraint(
            model_name='basketitem',
            constraint=models.UniqueConstraint(fields=('basket', 'table'), name='basket_table_once'),
        ),
    ]
