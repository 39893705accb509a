"""Recent changes of roles bar from every decision, not from those on access requests alone."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0007_decision_bars"),
        ("requests", "0003_data_of_no_domain"),
    ]

    operations = [migrations.RunSQL((SQL / "decision_bars_0005.sql").read_text())]
