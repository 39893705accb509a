"""Quality, promises and reuse of search documents, and their weights in the ranking."""

from pathlib import Path

import django.core.validators
from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "document_quality.sql"

class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0027_mesh_reports'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='rankingweights',
            name='catalog_ranking_weights_0_to_1',
        ),
        migrations.AddField(
            model_name='document',
            name='derived',
            field=models.PositiveIntegerField(db_default=0, help_text='tables made directly from it'),
        ),
        migrations.AddField(
            model_name='document',
            name='promise',
            field=models.CharField(blank=True, db_default='', help_text='kept, broken, or empty where nothing is promised', max_length=6),
        ),
        migrations.AddField(
            model_name='document',
            name='quality',
            field=models.PositiveSmallIntegerField(help_text='share of the latest quality rules that passed, 0 to 100; none if unknown', null=True),
        ),
        migrations.AddField(
            model_name='rankingweights',
            name='freshness',
            field=models.FloatField(default=0.05, help_text='updated within a day; a part of it within 7 or 30 days', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddField(
            model_name='rankingweights',
            name='lineage',
            field=models.FloatField(default=0.05, help_text='20 tables or more are made from it; a part of it for fewer', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddField(
            model_name='rankingweights',
            name='promise',
            field=models.FloatField(default=0.05, help_text='its promises on freshness and quality are kept', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddField(
            model_name='rankingweights',
            name='quality',
            field=models.FloatField(default=0.1, help_text='every rule of its latest quality checks passed; a part of it for fewer', validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddConstraint(
            model_name='rankingweights',
            constraint=models.CheckConstraint(condition=models.Q(('name__range', (0, 1)), ('words__range', (0, 1)), ('parts__range', (0, 1)), ('popularity__range', (0, 1)), ('completeness__range', (0, 1)), ('own_domain__range', (0, 1)), ('quality__range', (0, 1)), ('promise__range', (0, 1)), ('freshness__range', (0, 1)), ('lineage__range', (0, 1))), name='catalog_ranking_weights_0_to_1'),
        ),
        migrations.RunSQL(SQL.read_text()),
    ]
