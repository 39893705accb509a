"""Indexes of what a search may name exactly."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0003_document_length"), ("identity", "0001_initial")]

    operations = [migrations.RunSQL((SQL / "exact_names.sql").read_text())]
