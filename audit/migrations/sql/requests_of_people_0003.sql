-- Guards that the web role inserts a row by which a worker does something in the name of a person alone: what a schedule
-- requests is inserted by workers. Used by triggers of the tables' own migrations. Whether the person requested it, workers check.

CREATE FUNCTION audit_demand_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'meshmarket_web' AND NEW.requested_by_id IS NULL THEN
    RAISE EXCEPTION 'the web requests nothing in nobody''s name: %', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'requested_by_a_person';
  END IF;
  RETURN NEW;
END $$;
