-- Guards that roles of the portal itself never read data: those that accounts and catalogs name, and those of
-- the templates in `deploy/aws`. The database sets `is_portal`, whatever a statement says.

CREATE FUNCTION identity_is_portal_role(arn text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT arn ~ ':role/(.*/)?meshmarket-(worker|observer|executor)$'
    OR EXISTS (SELECT FROM identity_account a WHERE arn IN (a.observer_role_arn, a.executor_role_arn))
    OR EXISTS (SELECT FROM identity_connectedcatalog c WHERE c.location_role_arn = arn)
$$;
CREATE FUNCTION identity_mark_portal_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.is_portal := identity_is_portal_role(NEW.arn);
  RETURN NEW;
END $$;
CREATE TRIGGER identity_portal_role BEFORE INSERT OR UPDATE OF arn, is_portal ON identity_principal
  FOR EACH ROW EXECUTE FUNCTION identity_mark_portal_role();

-- When an account or catalog names other roles, `is_portal` of the old and the new ones is computed again.

CREATE FUNCTION identity_mark_named_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE named text[];
BEGIN
  IF TG_TABLE_NAME = 'identity_account' THEN
    named := ARRAY[NEW.observer_role_arn, NEW.executor_role_arn];
    IF TG_OP = 'UPDATE' THEN named := named || ARRAY[OLD.observer_role_arn, OLD.executor_role_arn]; END IF;
  ELSE
    named := ARRAY[NEW.location_role_arn];
    IF TG_OP = 'UPDATE' THEN named := named || ARRAY[OLD.location_role_arn]; END IF;
  END IF;
  UPDATE identity_principal SET is_portal = is_portal WHERE arn = ANY (named);
  RETURN NULL;
END $$;
CREATE TRIGGER identity_named_roles AFTER INSERT OR UPDATE OF observer_role_arn, executor_role_arn ON identity_account
  FOR EACH ROW EXECUTE FUNCTION identity_mark_named_roles();
CREATE TRIGGER identity_named_roles AFTER INSERT OR UPDATE OF location_role_arn ON identity_connectedcatalog
  FOR EACH ROW EXECUTE FUNCTION identity_mark_named_roles();

-- No local group has such a role as a member.

CREATE FUNCTION identity_refuse_portal_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF identity_is_portal_role(NEW.arn) THEN
    RAISE EXCEPTION '% is a role of the portal itself and cannot receive access', NEW.arn
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'portal_role_is_no_reader';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_no_portal_member BEFORE INSERT OR UPDATE OF arn ON identity_localmember
  FOR EACH ROW EXECUTE FUNCTION identity_refuse_portal_member();
