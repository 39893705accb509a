"""What waits for a decision besides access requests marks what counts of it are cached."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0009_comparisons_and_storage_updates"),
        ("fulfilment", "0005_recreated_tables"),
        ("identity", "0006_token_creators"),
        ("requests", "0007_access_review_marks"),
    ]

    operations = [migrations.RunSQL((SQL / "decision_marks_0007.sql").read_text())]
