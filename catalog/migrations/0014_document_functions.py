"""Functions of search documents that are written from the columns of their view."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_comparisons_and_storage_updates")]

    operations = [migrations.RunSQL((SQL / "document_functions_0014.sql").read_text())]
