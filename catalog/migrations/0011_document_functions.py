"""Functions of search documents that are written from the columns of their view."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_registration_states")]

    operations = [migrations.RunSQL((SQL / "document_functions_0011.sql").read_text())]
