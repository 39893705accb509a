"""Clock and append-only events."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
FILES = (
    "clock",
    "append_only",
    "current_transaction",
)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0001_tables"),
    ]

    operations = [migrations.RunSQL("\n".join((SQL / f"{name}.sql").read_text() for name in FILES))]
