"""Weights of the ranking as rows; how many teams use a document, and how complete it is, beside it."""

from django.db import migrations

KEPT = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON catalog_rankingweights FROM meshmarket_worker;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE UPDATE, DELETE ON catalog_rankingweights FROM meshmarket_web;
  END IF;
END $$;
"""

BY_USE = "CREATE INDEX catalog_document_by_use ON catalog_document (visibility, teams DESC, (id > 0), name, id);"


class Migration(migrations.Migration):
    dependencies = [('catalog', '0003_documents')]
    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(BY_USE, "DROP INDEX catalog_document_by_use;"),
    ]
