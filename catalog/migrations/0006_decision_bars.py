"""Recent changes of roles bar from decisions of the catalog."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0005_default_row_policy"),
        ("identity", "0004_decision_bars"),
    ]

    operations = [migrations.RunSQL((SQL / "decision_bars_0006.sql").read_text())]
