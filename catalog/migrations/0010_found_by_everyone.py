"""The search's indexes hold what may be found, and nothing of what is hidden; see ADR 18."""

import django.contrib.postgres.indexes
from django.db import migrations, models

_OF_PRODUCTS = "CREATE INDEX catalog_document_of_products ON catalog_document USING gin (search) WHERE {shown}id < 0;"
_SAMPLE = (
    "CREATE INDEX catalog_document_sample ON catalog_document USING gin (search)"
    " WHERE {shown}id > 0 AND hashint8(id) & 15 = 0;"
)
_DROPPED = "DROP INDEX catalog_document_of_products, catalog_document_sample;"
_SHOWN = {"shown": "visibility = 1 AND "}
_ALL = {"shown": ""}


class Migration(migrations.Migration):
    dependencies = [('catalog', '0009_subjects_of_alterations')]
    operations = [
        migrations.RemoveIndex(model_name='document', name='catalog_document_search'),
        migrations.AddIndex(
            model_name='document',
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(('visibility', 1)), fields=['search'], name='catalog_document_search'
            ),
        ),
        migrations.RunSQL(
            _DROPPED + _OF_PRODUCTS.format(**_SHOWN) + _SAMPLE.format(**_SHOWN),
            _DROPPED + _OF_PRODUCTS.format(**_ALL) + _SAMPLE.format(**_ALL),
        ),
    ]
