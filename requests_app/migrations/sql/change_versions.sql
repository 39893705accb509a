-- Adds a row for each statement that changes what an inbox shows (see `catalog.change_versions`): of what is
-- asked for and decided, each statement; of what is shown with it, only rows whose shown columns changed.

CREATE TRIGGER requests_altered_insert AFTER INSERT ON requests_requestitem REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered_update AFTER UPDATE ON requests_requestitem REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered_delete AFTER DELETE ON requests_requestitem REFERENCING OLD TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered_insert AFTER INSERT ON requests_decision REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered_update AFTER UPDATE ON requests_decision REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered_delete AFTER DELETE ON requests_decision REFERENCING OLD TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered_update AFTER UPDATE ON requests_accessrequest REFERENCING NEW TABLE AS altered
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_altered('waiting');

CREATE TRIGGER requests_altered AFTER UPDATE OF name, database_id ON catalog_table FOR EACH ROW
  WHEN ((OLD.name, OLD.database_id) IS DISTINCT FROM (NEW.name, NEW.database_id))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF name, domain_id ON catalog_database FOR EACH ROW
  WHEN ((OLD.name, OLD.domain_id) IS DISTINCT FROM (NEW.name, NEW.domain_id))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF slug, name, owner_team_id ON catalog_domain FOR EACH ROW
  WHEN ((OLD.slug, OLD.name, OLD.owner_team_id) IS DISTINCT FROM (NEW.slug, NEW.name, NEW.owner_team_id))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF slug, name, domain_id ON catalog_dataproduct FOR EACH ROW
  WHEN ((OLD.slug, OLD.name, OLD.domain_id) IS DISTINCT FROM (NEW.slug, NEW.name, NEW.domain_id))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF slug, name ON identity_team FOR EACH ROW
  WHEN ((OLD.slug, OLD.name) IS DISTINCT FROM (NEW.slug, NEW.name))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF name, is_active ON identity_person FOR EACH ROW
  WHEN ((OLD.name, OLD.is_active) IS DISTINCT FROM (NEW.name, NEW.is_active))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF team_id ON identity_account FOR EACH ROW
  WHEN ((OLD.team_id) IS DISTINCT FROM (NEW.team_id))
  EXECUTE FUNCTION catalog_altered('waiting');
CREATE TRIGGER requests_altered AFTER UPDATE OF account_id, owner_id ON identity_principal FOR EACH ROW
  WHEN ((OLD.account_id, OLD.owner_id) IS DISTINCT FROM (NEW.account_id, NEW.owner_id))
  EXECUTE FUNCTION catalog_altered('waiting');
