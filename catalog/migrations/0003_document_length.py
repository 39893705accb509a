"""The length of search documents."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0002_functions_and_triggers")]

    operations = [migrations.RunSQL((SQL / "document_length.sql").read_text())]
