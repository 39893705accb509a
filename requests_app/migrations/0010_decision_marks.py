"""What waits for a decision besides access requests marks what counts of it are cached."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0011_document_functions"),
        ("identity", "0007_decisions"),
        ("requests", "0009_unchangeable_requests"),
    ]

    operations = [migrations.RunSQL((SQL / "decision_marks_0010.sql").read_text())]
