"""Search documents and what follows from them, kept by the database; guards of offers and products."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
FILES = (
    "document_storage",
    "documents",
    "facet_counts",
    "prefix_cache",
    "change_versions",
    "offers",
    "product_tables",
)


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0001_initial"),
        ("fulfilment", "0001_initial"),
        ("identity", "0001_initial"),
    ]

    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text()) for name in FILES]
