"""Guards of requests, decisions, grants and intents; marks of what inboxes and pages show."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
FILES = (
    "requests",
    "items",
    "decisions",
    "role_change_bars",
    "grants",
    "subgrants",
    "unchangeable_rows",
    "policies",
    "delegations",
    "break_glass",
    "intents",
    "portal_roles",
    "change_versions",
    "notices",
    "write_requests",
    "unjustified_intents",
    "result_pages",
    "page_marks",
)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0002_functions_and_triggers"),
        ("catalog", "0002_functions_and_triggers"),
        ("fulfilment", "0002_functions_and_triggers"),
        ("identity", "0002_functions_and_triggers"),
        ("requests", "0001_tables"),
    ]

    operations = [migrations.RunSQL("\n".join((SQL / f"{name}.sql").read_text() for name in FILES))]
