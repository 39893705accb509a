-- The only way to change the roles that the workers use in an account: with an event of the same transaction,
-- and to roles of that account. It acts as the owner, as the web role may not update these columns.

CREATE FUNCTION identity_set_account_roles(account bigint, observer text, executor text, external text, event bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE number text;
BEGIN
  SELECT a.account_id INTO number FROM identity_account a WHERE a.id = account FOR UPDATE;
  IF number IS NULL THEN
    RAISE EXCEPTION 'there is no account %', account USING ERRCODE = 'no_data_found';
  END IF;
  IF NOT audit_is_new(event) OR NOT EXISTS (SELECT FROM audit_event e
      WHERE e.id = event AND e.subject = 'account:' || account AND e.verb LIKE '%\_account') THEN
    RAISE EXCEPTION 'roles of account % are changed with an event of the same transaction', number
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'account_roles_with_an_event';
  END IF;
  IF observer !~ ('^arn:[a-z-]+:iam::' || number || ':role/') OR executor !~ ('^arn:[a-z-]+:iam::' || number || ':role/')
      OR external = '' THEN
    RAISE EXCEPTION 'account % is acted in as roles of its own, with an ExternalId', number
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'account_roles_of_its_own';
  END IF;
  UPDATE identity_account SET observer_role_arn = observer, executor_role_arn = executor, external_id = external
   WHERE id = account;
END $$;
REVOKE ALL ON FUNCTION identity_set_account_roles(bigint, text, text, text, bigint) FROM PUBLIC;
