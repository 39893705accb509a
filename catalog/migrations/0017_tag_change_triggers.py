"""Guards of tag changes and their approvals."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0016_tag_changes"),
        ("fulfilment", "0002_functions_and_triggers"),
        ("identity", "0002_functions_and_triggers"),
    ]

    operations = [migrations.RunSQL((SQL / "tag_changes.sql").read_text())]
