-- Guards that nobody gives away data for which no confirmed domain answers.

CREATE FUNCTION requests_demand_domain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM requests_requestitem i JOIN catalog_table t ON t.id = i.table_id
      JOIN catalog_database b ON b.id = t.database_id WHERE i.id = NEW.item_id AND b.domain_id IS NULL) THEN
    RAISE EXCEPTION 'the data of item % belongs to no domain, so nobody can give it', NEW.item_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_on_data_of_a_domain';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER requests_decision_domain AFTER INSERT ON requests_decision
  FOR EACH ROW WHEN (NEW.answer = 'approve') EXECUTE FUNCTION requests_demand_domain();
