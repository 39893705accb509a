"""Scans and readings of catalogs that nobody requested are inserted by workers."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0006_decision_bars"), ("audit", "0003_requests_of_people")]

    operations = [migrations.RunSQL((SQL / "requests_of_people_0007.sql").read_text())]
