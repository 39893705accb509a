"""Guards of requests, decisions, grants and intents: separation of duties, quorum, and no change afterwards."""

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
)


class Migration(migrations.Migration):

    dependencies = [
        ("requests", "0001_initial"),
        ("audit", "0002_functions_and_triggers"),
        ("catalog", "0002_functions_and_triggers"),
        ("fulfilment", "0002_functions_and_triggers"),
        ("identity", "0002_functions_and_triggers"),
    ]

    operations = [migrations.RunSQL((SQL / f"{name}.sql").read_text()) for name in FILES]
