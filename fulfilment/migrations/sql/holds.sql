-- Guards that a hold ends once.

CREATE FUNCTION fulfilment_keep_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'hold % has ended, once and for all', OLD.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'hold_ends_once';
END $$;
CREATE TRIGGER fulfilment_hold_kept BEFORE UPDATE ON fulfilment_hold FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_as, NEW.intent_id, NEW.column)
    IS DISTINCT FROM (OLD.ended_at, OLD.ended_as, OLD.intent_id, OLD.column))
  EXECUTE FUNCTION fulfilment_keep_hold();
