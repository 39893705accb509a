"""The classes of tables whose columns change are made once each, however PostgreSQL joins them to the entries."""

from django.db import migrations

CLASSIFY = """
CREATE OR REPLACE FUNCTION catalog_classify(given bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  WITH said AS MATERIALIZED (
    SELECT id, catalog_classes_of_table(id) AS classes FROM unnest(given) AS id)
  UPDATE catalog_entry e SET classification = said.classes FROM said
  WHERE e.is_table AND e.thing = ANY(given) AND e.thing = said.id AND e.classification <> said.classes;
  PERFORM catalog_write_products(
    ARRAY(SELECT DISTINCT product_id FROM catalog_producttable WHERE table_id = ANY(given)));
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_entries_and_their_counts")]

    operations = [migrations.RunSQL(CLASSIFY, migrations.RunSQL.noop)]
