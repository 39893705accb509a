"""The check of all kinds of intents, tag changes among them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("requests", "0007_registrations"),
        ("catalog", "0017_tag_change_triggers"),
    ]

    operations = [migrations.RunSQL((SQL / "unjustified_intents.sql").read_text())]
