"""In how many documents each lexeme is."""

from pathlib import Path

from django.db import migrations, models


SQL = Path(__file__).with_name("sql") / "lexeme_counts.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_exact_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='LexemeCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lexeme', models.TextField()),
                ('documents', models.IntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lexeme',), name='catalog_lexeme_once')],
            },
        ),
        migrations.CreateModel(
            name='LexemeChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lexeme', models.TextField(blank=True)),
                ('documents', models.IntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['lexeme'], name='catalog_lexemechange_lexeme')],
            },
        ),
        migrations.RunSQL(SQL.read_text()),
    ]
