-- Guards that roles of the portal itself never read data, in whatever case an account or catalog names them: AWS has no
-- two roles whose names differ only in case.

CREATE OR REPLACE FUNCTION identity_is_portal_role(arn text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT arn ~* ':role/(.*/)?meshmarket-(worker|observer|executor)$'
    OR EXISTS (
      SELECT FROM identity_account a WHERE lower(arn) IN (lower(a.observer_role_arn), lower(a.executor_role_arn)))
    OR EXISTS (SELECT FROM identity_connectedcatalog c WHERE lower(c.location_role_arn) = lower(arn))
$$;
CREATE OR REPLACE FUNCTION identity_mark_named_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
  UPDATE identity_principal SET is_portal = is_portal
    WHERE lower(arn) IN (SELECT lower(one) FROM unnest(named) AS one);
  RETURN NULL;
END $$;
UPDATE identity_principal SET is_portal = is_portal WHERE NOT is_portal AND identity_is_portal_role(arn);
