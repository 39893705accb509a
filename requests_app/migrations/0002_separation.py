"""Separation of duties, held by the database: composite keys, and a quorum when a grant commits."""

from django.db import migrations

COMPOSITE = """
ALTER TABLE requests_item ADD CONSTRAINT item_requester_is_the_requests
  FOREIGN KEY (request_id, requester_id) REFERENCES requests_accessrequest (id, requester_id);
ALTER TABLE requests_decision ADD CONSTRAINT decision_requester_is_the_items
  FOREIGN KEY (item_id, requester_id) REFERENCES requests_item (id, requester_id);
"""

QUORUM = """
CREATE FUNCTION requests_demand_quorum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM requests_decision d WHERE d.item_id = NEW.item_id AND d.answer = 'approve'
      AND d.effects_hash = NEW.effects_hash AND d.decided_by_id <> d.requester_id) THEN
    RAISE EXCEPTION 'grant % has no approval of another person for its effects', NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER requests_grant_quorum AFTER INSERT ON requests_grant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_quorum();
"""

KEPT = """
DO $$
DECLARE named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['meshmarket_web', 'meshmarket_worker'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = named) THEN
      EXECUTE format('REVOKE DELETE ON requests_accessrequest, requests_item, requests_grant FROM %I', named);
      EXECUTE format('REVOKE UPDATE, DELETE ON requests_decision FROM %I', named);
    END IF;
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [('requests', '0001_initial'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(
            COMPOSITE,
            "ALTER TABLE requests_decision DROP CONSTRAINT decision_requester_is_the_items;"
            "ALTER TABLE requests_item DROP CONSTRAINT item_requester_is_the_requests",
        ),
        migrations.RunSQL(QUORUM, "DROP FUNCTION requests_demand_quorum() CASCADE"),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
