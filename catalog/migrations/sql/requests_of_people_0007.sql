-- Scans and readings of catalogs that nobody requested are inserted by workers.

CREATE TRIGGER catalog_scan_of_a_person BEFORE INSERT OR UPDATE OF requested_by_id ON catalog_scan
  FOR EACH ROW EXECUTE FUNCTION audit_demand_person();
CREATE TRIGGER catalog_syncrun_of_a_person BEFORE INSERT OR UPDATE OF requested_by_id ON catalog_syncrun
  FOR EACH ROW EXECUTE FUNCTION audit_demand_person();
