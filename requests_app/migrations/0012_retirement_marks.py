"""Scheduled retirements mark the pages of data products that show the end of an access."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0014_derivation_states"), ("requests", "0011_assignment")]

    operations = [migrations.RunSQL((SQL / "retirement_marks_0012.sql").read_text())]
