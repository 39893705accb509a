"""Guards of registrations, and of the intents that they own."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0012_registrations"),
        ("fulfilment", "0002_functions_and_triggers"),
    ]

    operations = [migrations.RunSQL((SQL / "registrations.sql").read_text())]
