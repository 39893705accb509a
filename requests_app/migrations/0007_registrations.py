"""Intents of registrations are justified by the catalog's registrations."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0013_registration_guards"),
        ("requests", "0006_product_lifecycle"),
    ]

    operations = [migrations.RunSQL((SQL / "registrations.sql").read_text())]
