"""Data of no domain is not approved."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("requests", "0002_functions_and_triggers")]

    operations = [migrations.RunSQL((SQL / "data_of_no_domain_0003.sql").read_text())]
