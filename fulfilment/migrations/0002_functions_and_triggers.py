"""Guards of intents, holds and part health; column sets for statements."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
FILES = (
    "column_sets",
    "intents",
    "holds",
    "part_health",
    "queued_tasks",
)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0002_functions_and_triggers"),
        ("fulfilment", "0001_tables"),
    ]

    operations = [migrations.RunSQL("\n".join((SQL / f"{name}.sql").read_text() for name in FILES))]
