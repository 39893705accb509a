"""What waits for a decision besides access requests marks what counts of it are cached."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0010_registration_states"),
        ("fulfilment", "0005_recreated_tables"),
        ("identity", "0006_token_creators"),
        ("requests", "0008_write_request_states"),
    ]

    operations = [migrations.RunSQL((SQL / "decision_marks_0006.sql").read_text())]
