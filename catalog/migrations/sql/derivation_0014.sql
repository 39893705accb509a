-- Derivation requests have the columns and states of all decisions. Runs before the constraints on the states.

DROP TRIGGER derivation_is_kept ON catalog_derivationrequest;
DROP FUNCTION catalog_keep_derivation();
UPDATE catalog_derivationrequest SET state = CASE state WHEN 'revoked' THEN 'ended' ELSE 'lapsed' END WHERE state IN ('revoked', 'expired');
CREATE TRIGGER decision_guarded BEFORE INSERT OR UPDATE ON catalog_derivationrequest FOR EACH ROW EXECUTE FUNCTION decision_guard(
  'derivation', 'ends_on', '', 'data_owner');
