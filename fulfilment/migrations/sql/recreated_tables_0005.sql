-- Guards the table that an intent is bound to in the place of the approved one: only of a live intent, and never silently. Whose
-- decision it is, `requests_app/migrations/sql/recreated_tables_0004.sql` demands.

CREATE FUNCTION fulfilment_keep_recreated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ended_at IS NOT NULL OR NEW.recreated_as = '' OR NEW.generation <= OLD.generation THEN
    RAISE EXCEPTION 'intent % is bound to another table only while it is live, and is proven anew', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'intent_bound_while_live';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fulfilment_intent_recreated BEFORE UPDATE OF recreated_as ON fulfilment_intent FOR EACH ROW
  WHEN (OLD.recreated_as IS DISTINCT FROM NEW.recreated_as) EXECUTE FUNCTION fulfilment_keep_recreated();
