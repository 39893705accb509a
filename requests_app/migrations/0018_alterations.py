"""What alters what an inbox shows leaves a mark; see `catalog.change_versions`."""

from django.db import migrations

# Of what is asked for, each statement; of what is named with it, only rows that came to say something else.
MARKED = {
    "requests_item": ("INSERT", "UPDATE", "DELETE"),
    "requests_decision": ("INSERT", "UPDATE", "DELETE"),
    "requests_accessrequest": ("UPDATE",),
}
NAMED = {
    "catalog_table": ("name", "database_id"),
    "catalog_database": ("name", "domain_id"),
    "catalog_domain": ("slug", "name", "owner_team_id"),
    "catalog_dataproduct": ("slug", "name", "domain_id"),
    "identity_team": ("slug", "name"),
    "identity_person": ("name",),
    "identity_account": ("team_id",),
    "identity_principal": ("account_id",),
}


def _marking(table: str, event: str) -> str:
    rows = "OLD" if event == "DELETE" else "NEW"
    return f"""CREATE TRIGGER requests_altered_{event.lower()} AFTER {event} ON {table}
  REFERENCING {rows} TABLE AS altered FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');"""


def _marking_of(table: str, columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"""CREATE TRIGGER requests_altered AFTER UPDATE OF {", ".join(columns)} ON {table} FOR EACH ROW
  WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION catalog_altered('waiting');"""


MARKING = [_marking(table, event) for table, events in MARKED.items() for event in events]
MARKING += [_marking_of(table, columns) for table, columns in NAMED.items()]
NO_MARKING = [f"DROP TRIGGER requests_altered_{event.lower()} ON {table};" for table, events in MARKED.items() for event in events]
NO_MARKING += [f"DROP TRIGGER requests_altered ON {table};" for table in NAMED]


class Migration(migrations.Migration):
    dependencies = [
        ('requests', '0017_adopted_envelopes'), ('catalog', '0009_subjects_of_alterations'),
        ('identity', '0002_local_groups'),
    ]
    operations = [migrations.RunSQL("\n".join(MARKING), "\n".join(NO_MARKING))]
