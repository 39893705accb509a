-- Comparisons of registered tables that nobody requested are inserted by workers.

CREATE TRIGGER catalog_rowcomparison_of_a_person BEFORE INSERT OR UPDATE OF requested_by_id ON catalog_rowcomparison
  FOR EACH ROW EXECUTE FUNCTION audit_demand_person();
