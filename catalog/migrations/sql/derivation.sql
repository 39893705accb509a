-- A derivation request keeps what was asked and decided, and one that is over never changes.

CREATE FUNCTION catalog_keep_derivation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('waiting', 'approved') OR
      (NEW.product_id, NEW.domain_id, NEW.columns, NEW.passed_on, NEW.reason, NEW.requested_by_id, NEW.requested_at)
      IS DISTINCT FROM
      (OLD.product_id, OLD.domain_id, OLD.columns, OLD.passed_on, OLD.reason, OLD.requested_by_id, OLD.requested_at) OR
      (OLD.state = 'approved' AND
      (NEW.decided_by_id, NEW.decided_at, NEW.comment, NEW.ends_on)
      IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at, OLD.comment, OLD.ends_on)) THEN
    RAISE EXCEPTION 'derivation request % is kept as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'derivation_is_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER derivation_is_kept BEFORE UPDATE ON catalog_derivationrequest
  FOR EACH ROW EXECUTE FUNCTION catalog_keep_derivation();
