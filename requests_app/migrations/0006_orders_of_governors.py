"""What workers act on for a long time is set on the record of a governance admin."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("requests", "0003_data_of_no_domain"),
        ("audit", "0003_requests_of_people"),
        ("catalog", "0008_requests_of_people"),
        ("fulfilment", "0003_unknown_permission"),
        ("identity", "0003_identity_keys"),
    ]

    operations = [migrations.RunSQL((SQL / "orders_of_governors_0006.sql").read_text())]
