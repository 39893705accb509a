-- Guards that the web role reports the health of its own parts only, never that of the workers.

CREATE FUNCTION fulfilment_own_part_health() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'meshmarket_web' AND (NEW.process <> 'web' OR (TG_OP = 'UPDATE' AND OLD.process <> 'web')) THEN
    RAISE EXCEPTION 'the web may not write how % fares', NEW.process;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_parthealth_own BEFORE INSERT OR UPDATE ON fulfilment_taskhealth
  FOR EACH ROW EXECUTE FUNCTION fulfilment_own_part_health();
