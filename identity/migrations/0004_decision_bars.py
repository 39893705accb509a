"""Who is barred from a decision by a recent change of roles: one function and one trigger for all decisions."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("identity", "0003_identity_keys")]

    operations = [migrations.RunSQL((SQL / "decision_bars_0004.sql").read_text())]
