"""The yes that an offer says at once: of who put it in force, to an item asked for under it."""

from django.db import migrations

OFFERED = """
CREATE FUNCTION requests_demand_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM requests_item i
      JOIN catalog_offerversion v ON v.id = i.offer_id JOIN catalog_offer o ON o.id = v.offer_id
      JOIN catalog_table t ON t.id = i.table_id JOIN catalog_database d ON d.id = t.database_id
      LEFT JOIN catalog_dataproduct p ON p.id = i.product_id
     WHERE i.id = NEW.item_id AND v.id = NEW.by_offer_id AND v.state = 'in_force' AND v.automatic
       AND v.in_force_by_id = NEW.decided_by_id AND o.domain_id = coalesce(d.domain_id, p.domain_id)) THEN
    RAISE EXCEPTION 'no offer in force says yes to item % for person %', NEW.item_id, NEW.decided_by_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_by_an_offer_in_force';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_offer AFTER INSERT ON requests_decision
  FOR EACH ROW WHEN (NEW.by_offer_id IS NOT NULL) EXECUTE FUNCTION requests_demand_offer();
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0012_policies'), ('catalog', '0002_offers')]
    operations = [
        migrations.RunSQL(OFFERED, "DROP FUNCTION requests_demand_offer() CASCADE"),
    ]
