-- A problem keeps what was reported, and a resolved one never changes.

CREATE FUNCTION catalog_keep_problem() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'resolved' OR
      (NEW.product_id, NEW.table_id, NEW."column", NEW.title, NEW.description, NEW.reported_by_id, NEW.reported_at, NEW.answer_due_at)
      IS DISTINCT FROM
      (OLD.product_id, OLD.table_id, OLD."column", OLD.title, OLD.description, OLD.reported_by_id, OLD.reported_at, OLD.answer_due_at) THEN
    RAISE EXCEPTION 'problem % is kept as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'problem_is_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER problem_is_kept BEFORE UPDATE ON catalog_problem
  FOR EACH ROW EXECUTE FUNCTION catalog_keep_problem();
