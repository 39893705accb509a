"""Search documents and what follows from them, kept by the database; guards of what was decided; marks and feeds of changes."""

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
    "exact_names",
    "lexeme_counts",
    "glossary",
    "discovery",
    "registrations",
    "schema_updates",
    "tag_changes",
    "problems",
    "derivation",
    "change_feed",
    "document_quality",
)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0002_functions_and_triggers"),
        ("catalog", "0001_tables"),
        ("fulfilment", "0001_tables"),
        ("identity", "0001_tables"),
    ]

    operations = [migrations.RunSQL("\n".join((SQL / f"{name}.sql").read_text() for name in FILES))]
