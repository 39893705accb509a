"""Guards of role changes, of accounts' roles, and of the portal's own roles."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
FILES = (
    "role_changes",
    "account_roles",
    "portal_roles",
)


class Migration(migrations.Migration):

    dependencies = [
        ("audit", "0002_functions_and_triggers"),
        ("identity", "0001_tables"),
    ]

    operations = [migrations.RunSQL("\n".join((SQL / f"{name}.sql").read_text() for name in FILES))]
