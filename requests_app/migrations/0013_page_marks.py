"""Marks of what the pages of data products show."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0029_page_marks"),
        ("fulfilment", "0006_write_access"),
        ("identity", "0010_changes_read_scope"),
        ("requests", "0012_webhook_changes"),
    ]
    operations = [
        migrations.RunSQL((SQL / "page_marks.sql").read_text()),
    ]
