"""Pages of data products are not read anew when AWS was read and nothing changed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")


class Migration(migrations.Migration):
    dependencies = [
        ("requests", "0013_page_marks"),
    ]
    operations = [
        migrations.RunSQL((SQL / "page_mark_columns.sql").read_text()),
    ]
