-- Guards that what workers then act on for a long time is set by the web with an event of the same transaction, of a person who may
-- open the administration pages: where they read and send, as whom, and what stops them. A trigger names the kind of
-- subject of its table's events.

CREATE FUNCTION requests_demand_governor() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END;
BEGIN
  IF current_user <> 'meshmarket_web' THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT FROM audit_event e JOIN identity_person p ON e.actor = 'person:' || p.id
      WHERE e.subject = ANY (SELECT kind || ':' || changed FROM unnest(TG_ARGV) AS kind) AND e.verb <> 'test_webhook'
        AND audit_is_new(e.id) AND p.is_active AND (p.is_superuser OR EXISTS (
          SELECT FROM identity_platformrole r WHERE r.person_id = p.id AND r.role = 'governance_admin'))) THEN
    RAISE EXCEPTION 'a change of % % is not on the record of a governance admin', TG_TABLE_NAME, changed
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'changed_by_a_governor';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER requests_webhook_by_a_governor AFTER INSERT OR UPDATE OR DELETE ON requests_webhook
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_governor('webhook');
CREATE CONSTRAINT TRIGGER requests_delivery_by_a_governor AFTER UPDATE ON requests_webhookdelivery
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_governor('delivery');
CREATE CONSTRAINT TRIGGER catalog_trail_by_a_governor AFTER INSERT OR UPDATE OR DELETE ON catalog_trail
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_governor('trail');
CREATE CONSTRAINT TRIGGER catalog_syncsettings_by_a_governor AFTER INSERT OR UPDATE OR DELETE ON catalog_syncsettings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_governor('syncsettings');
CREATE CONSTRAINT TRIGGER catalog_samplingrole_by_a_governor AFTER INSERT OR UPDATE OR DELETE ON catalog_samplingrole
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_governor('samplingrole');
CREATE CONSTRAINT TRIGGER fulfilment_valve_by_a_governor AFTER INSERT OR UPDATE OR DELETE ON fulfilment_valve
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION requests_demand_governor('valve');
