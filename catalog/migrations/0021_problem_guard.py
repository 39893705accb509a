"""Guard of problems."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0020_discussion")]

    operations = [migrations.RunSQL((SQL / "problems.sql").read_text())]
