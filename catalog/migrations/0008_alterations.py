"""What alters what searches show leaves a mark; see `catalog.change_versions`."""

from django.db import migrations, models

# A new table is marked by its document, which comes with it: its own rows are wide to be kept until the statement's end.
MARKED = {
    "catalog_table": ("UPDATE",),
    **dict.fromkeys(
        (
            "catalog_document", "catalog_dataproduct", "catalog_producttable", "catalog_database", "catalog_domain",
            "catalog_term", "catalog_termlink", "catalog_rankingweights", "identity_team", "identity_account",
            "identity_connectedcatalog", "identity_principal", "fulfilment_observed",
        ),
        ("INSERT", "UPDATE", "DELETE"),
    ),
}  # fmt: skip
# People are written at each signing in; what is found knows them by their names alone.
MARKS = """
CREATE FUNCTION catalog_altered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_LEVEL = 'STATEMENT' THEN
    IF NOT EXISTS (SELECT FROM altered) THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO catalog_alteration (mark) VALUES ((random() * 9e18)::bigint);
  RETURN NULL;
END $$;
CREATE TRIGGER catalog_altered AFTER UPDATE OF name ON identity_person FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION catalog_altered();
"""


def _marking(table: str, event: str) -> str:
    rows = "OLD" if event == "DELETE" else "NEW"
    return f"""CREATE TRIGGER catalog_altered_{event.lower()} AFTER {event} ON {table}
  REFERENCING {rows} TABLE AS altered FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered();"""


MARKING = "\n".join(_marking(table, event) for table, events in MARKED.items() for event in events)


class Migration(migrations.Migration):
    dependencies = [
        ('catalog', '0007_made_by'), ('fulfilment', '0010_named_expressions'), ('identity', '0002_local_groups'),
    ]
    operations = [
        migrations.CreateModel(
            name='Alteration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.BigIntegerField(help_text='drawn by lot')),
            ],
        ),
        migrations.RunSQL(MARKS + MARKING, "DROP FUNCTION catalog_altered CASCADE"),
    ]
