"""Standing orders are on the record of a governance admin; keys of secrets are given out by a function alone."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("requests", "0005_decision_bars"),
        ("audit", "0003_requests_of_people"),
        ("catalog", "0007_requests_of_people"),
        ("fulfilment", "0003_unknown_permission"),
        ("identity", "0003_identity_keys"),
    ]

    operations = [
        migrations.RunSQL((SQL / "orders_of_governors_0006.sql").read_text()),
        migrations.CreateModel(
            name="CredentialKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.BinaryField()),
                (
                    "credential",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key",
                        to="requests.tablecredential",
                    ),
                ),
            ],
        ),
        migrations.RunSQL((SQL / "credential_keys_0006.sql").read_text()),
    ]
