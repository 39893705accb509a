-- Guards that no role of the portal itself is requested, given access, or named in a standing consent.

CREATE FUNCTION requests_refuse_portal_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM identity_principal p WHERE p.id = NEW.principal_id AND p.is_portal) THEN
    RAISE EXCEPTION 'principal % is a role of the portal itself and cannot receive access', NEW.principal_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'portal_role_is_no_reader';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER requests_no_portal_reader BEFORE INSERT OR UPDATE OF principal_id ON requests_accessrequest
  FOR EACH ROW EXECUTE FUNCTION requests_refuse_portal_role();
CREATE TRIGGER requests_no_portal_reader BEFORE INSERT OR UPDATE OF principal_id ON requests_grant
  FOR EACH ROW EXECUTE FUNCTION requests_refuse_portal_role();
CREATE TRIGGER requests_no_portal_reader BEFORE INSERT OR UPDATE OF principal_id ON requests_breakglassconsent
  FOR EACH ROW EXECUTE FUNCTION requests_refuse_portal_role();
