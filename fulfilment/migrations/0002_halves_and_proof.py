"""Decisions write the wanted half of an intent, the engine the seen half; proof is checked once more here."""

from django.db import migrations

HALVES = """
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_web') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_scope, fulfilment_round, fulfilment_step, fulfilment_entry,
      fulfilment_inflight, fulfilment_observed, fulfilment_registeredlocation, fulfilment_bucket
      FROM meshmarket_web;
    REVOKE UPDATE, DELETE ON fulfilment_intent FROM meshmarket_web;
    GRANT UPDATE (expires_at, ended_at, generation) ON fulfilment_intent TO meshmarket_web;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'meshmarket_worker') THEN
    REVOKE INSERT, UPDATE, DELETE ON fulfilment_intent FROM meshmarket_worker;
    GRANT UPDATE (presence, proven_generation, evidence_id, seen_at, usable, failure)
      ON fulfilment_intent TO meshmarket_worker;
  END IF;
END $$;
"""

PROOF = """
CREATE FUNCTION fulfilment_check_proof() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof record;
BEGIN
  IF NEW.presence NOT IN ('present', 'absent') OR (NEW.presence = OLD.presence
      AND NEW.evidence_id = OLD.evidence_id AND NEW.proven_generation = OLD.proven_generation) THEN
    RETURN NEW;
  END IF;
  SELECT r.began_at, r.scope_id, s.key INTO proof
    FROM fulfilment_round r JOIN fulfilment_scope s ON s.id = r.scope_id WHERE r.id = NEW.evidence_id;
  IF NEW.proven_generation <> NEW.generation OR proof.key IS DISTINCT FROM NEW.scope_key THEN
    RAISE EXCEPTION 'intent % is proven at another generation or by another scope', NEW.id;
  END IF;
  IF EXISTS (SELECT 1 FROM fulfilment_step st JOIN fulfilment_round r ON r.id = st.round_id
      WHERE r.scope_id = proof.scope_id AND st.sent_at > proof.began_at - interval '1 hour'
        AND coalesce(st.answered_at, st.open_until) > proof.began_at) THEN
    RAISE EXCEPTION 'intent %: a write was not settled when its proof began', NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_intent_proof BEFORE UPDATE ON fulfilment_intent
  FOR EACH ROW EXECUTE FUNCTION fulfilment_check_proof();
"""


class Migration(migrations.Migration):
    dependencies = [('fulfilment', '0001_initial'), ('audit', '0002_database_roles')]
    operations = [
        migrations.RunSQL(HALVES, migrations.RunSQL.noop),
        migrations.RunSQL(PROOF, "DROP FUNCTION fulfilment_check_proof() CASCADE"),
    ]
